/// The kinds of work a process knows, by name.
public struct TaskRegistry: Sendable {
    private var tasks: [String: RegisteredTask] = [:]

    /// Knows nothing yet.
    public init() {}

    /// Adds a handler; a second one of the same name replaces the first.
    public mutating func register(_ handler: some TaskHandler) {
        let task = RegisteredTask(handler)
        tasks[task.name] = task
    }

    /// Adds a batch handler; a second one of the same name replaces the first.
    /// - Parameters:
    ///   - handler: What runs.
    ///   - policy: In place of the handler's own.
    ///   - batchSizeMax: In place of the handler's own.
    public mutating func register(
        batch handler: some BatchTaskHandler, policy: TaskPolicy? = nil, batchSizeMax: Int? = nil
    ) {
        let task = RegisteredTask(batch: handler, policy: policy, batchSizeMax: batchSizeMax)
        tasks[task.name] = task
    }

    /// The task of that name.
    public subscript(name: String) -> RegisteredTask? { tasks[name] }

    /// All names, sorted.
    public var names: [String] { tasks.keys.sorted() }

    /// Makes a message from JSON that nobody has typed, as a command line or an HTTP request has it.
    /// - Throws: `SubmissionError` if the task is unknown or its input does not decode.
    public func message(
        task name: String, payload: [UInt8], options: TaskOptions = TaskOptions()
    ) throws(SubmissionError) -> TaskMessage {
        guard let task = tasks[name] else { throw .unknownTask(name, known: names) }
        do throws(PayloadError) {
            try task.validate(payload)
        } catch {
            throw .badInput(task: name, error)
        }
        return TaskMessage(task: name, policy: task.policy, payload: payload, options: options)
    }
}

/// Why a submission makes no sense, before any broker is asked.
public enum SubmissionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No handler has this name.
    case unknownTask(String, known: [String])
    /// The input does not decode.
    case badInput(task: String, PayloadError)

    /// One sentence for people.
    public var description: String {
        switch self {
        case .unknownTask(let name, let known):
            "no task is called '\(name)'; known are \(known.joined(separator: ", "))"
        case .badInput(let task, let error): "\(task): \(error)"
        }
    }
}

extension TaskMessage {
    /// Makes a message that follows a policy where the options say nothing.
    init(task: String, policy: TaskPolicy, payload: [UInt8], options: TaskOptions) {
        self.init(task: task, queue: policy.queue, payload: payload)
        priority = policy.priority
        deathLimit = policy.deathLimit
        resultRetention = policy.resultRetention
        options.apply(to: &self)
    }
}
