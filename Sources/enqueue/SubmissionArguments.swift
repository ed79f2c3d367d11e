import ArgumentParser
import Assembly
import TaskQueue

/// The flags that say how a task is submitted.
struct SubmissionArguments: ParsableArguments {
    @Option(help: "The queue; the task's own if absent.") var queue: String?
    @Option(help: "0 to 9, 9 first.") var priority: Int?
    @Option(help: "Start no sooner than after this long, as 10s.") var delay: DurationArgument?
    @Option(help: "Start no sooner than at this time, as 2026-12-01T06:00:00Z.") var at: String?
    @Option(help: "Revoke it if it has not started after this long.") var expires: DurationArgument?
    @Option(help: "Submit nothing while a task with this key lives.") var uniqueKey: String?
    @Option(help: "Keep the key for at least this long.") var uniqueFor: DurationArgument?
    @Option(help: "How often a failure is tried again.") var maxRetries: Int?
    @Option(help: "How long one attempt may take.") var timeLimit: DurationArgument?
    @Option(name: .customLong("header"), help: ArgumentHelp("Text that travels along.", valueName: "key=value"))
    var headers: [String] = []

    /// The options they come to.
    /// - Throws: `SettingsError` for values out of range.
    func options() throws(SettingsError) -> TaskOptions {
        var options = TaskOptions()
        options.queue = queue
        if let priority {
            guard let level = QueuePriority(priority) else { throw SettingsError("--priority: must be from 0 to 9") }
            options.priority = level
        }
        if delay != nil, at != nil { throw SettingsError("--delay and --at: give only one") }
        if let at {
            guard let time = Timestamp(rfc3339: at) else {
                throw SettingsError("--at: expected a time such as 2026-12-01T06:00:00Z")
            }
            options.notBefore = .at(time)
        }
        if let delay { options.notBefore = .after(delay.duration) }
        options.expires = expires.map { .after($0.duration) }
        options.uniqueKey = uniqueKey
        options.uniqueFor = uniqueFor?.duration
        guard (0...1000).contains(maxRetries ?? 0) else { throw SettingsError("--max-retries: must be from 0 to 1000") }
        options.maxRetries = maxRetries
        options.timeLimit = timeLimit?.duration
        for header in headers {
            guard let equals = header.firstIndex(of: "="), equals > header.startIndex else {
                throw SettingsError("--header: expected key=value")
            }
            options.headers[String(header[..<equals])] = String(header[header.index(after: equals)...])
        }
        return options
    }
}
