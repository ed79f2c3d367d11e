import Assembly
import TaskQueue

/// Submits a file of inputs, one JSON object a line, in portions of one transaction each.
struct BatchSubmission {
    let task: String
    let registry: TaskRegistry
    let options: TaskOptions
    let client: TaskClient
    let json: Bool

    private static let portion = 1000
    /// Complaints shown in full; a file of the wrong kind should not fill a terminal.
    private static let complaintsShown = 20

    private struct Counts: Encodable {
        var accepted = 0
        var duplicates = 0
        var bad = 0
        var seconds = 0.0
    }

    func run(from path: String) async throws -> ExitStatus {
        let lines = try LineReader(path: path)
        let start = ContinuousClock.now
        let bar = ProgressBar()
        var counts = Counts()
        var messages: [TaskMessage] = []
        var number = 0
        while let line = try lines.next() {
            number += 1
            if line.allSatisfy({ $0 == 32 || $0 == 9 || $0 == 13 }) { continue }
            do throws(SubmissionError) {
                messages.append(try registry.message(task: task, payload: line, options: options))
            } catch {
                if case .unknownTask = error { throw error }
                counts.bad += 1
                if counts.bad <= Self.complaintsShown { Output.error("line \(number): \(error)") }
            }
            if messages.count == Self.portion { try await submit(&messages, &counts, bar, start) }
        }
        try await submit(&messages, &counts, bar, start)
        bar.finish()
        counts.seconds = (ContinuousClock.now - start).inSeconds
        report(counts)
        return counts.bad > 0 ? .badInput : .done
    }

    private func submit(
        _ messages: inout [TaskMessage], _ counts: inout Counts, _ bar: ProgressBar, _ start: ContinuousClock.Instant
    ) async throws {
        guard !messages.isEmpty else { return }
        for receipt in try await client.enqueue(messages) {
            switch receipt {
            case .accepted: counts.accepted += 1
            case .duplicate: counts.duplicates += 1
            case .refused(let refusal):
                counts.bad += 1
                if counts.bad <= Self.complaintsShown { Output.error("refused: \(refusal)") }
            }
        }
        messages = []
        let rate = Double(counts.accepted) / max((ContinuousClock.now - start).inSeconds, 1e-6)
        bar.show("\(counts.accepted) enqueued, \(Int(rate))/s")
    }

    private func report(_ counts: Counts) {
        if counts.bad > Self.complaintsShown { Output.error("… and \(counts.bad - Self.complaintsShown) more") }
        if json { return Output.json(counts) }
        let rate = Int(Double(counts.accepted) / max(counts.seconds, 1e-6))
        Output.line(
            "\(counts.accepted) enqueued, \(counts.duplicates) duplicates, \(counts.bad) bad lines, \(rate)/s")
    }
}
