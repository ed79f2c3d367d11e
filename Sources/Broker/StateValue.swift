internal import Redis
internal import TaskQueue

/// What earlier deliveries left, as the hash `:state` holds it: four numbers on a line, then a line an attempt.
struct StateValue {
    var attempts = 0
    var deliveries: Int64 = 0
    var deaths = 0
    var isCancelled = false
    var history: [AttemptRecord] = []

    /// A task that was never delivered.
    init() {}

    /// Reads what a script wrote; what can't be read counts as nothing.
    init(_ bytes: [UInt8]) {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
        guard let first = lines.first else { return }
        let numbers = String(decoding: first, as: UTF8.self).split(separator: " ").compactMap { Int64($0) }
        guard numbers.count == 4 else { return }
        attempts = Int(clamping: numbers[0])
        deliveries = numbers[1]
        deaths = Int(clamping: numbers[2])
        isCancelled = numbers[3] != 0
        history = lines.dropFirst().compactMap(Self.attempt)
    }

    /// Reads places, counted from 1, and values in turns.
    static func byPlace(_ list: [RedisValue]) -> [Int: StateValue] {
        var states: [Int: StateValue] = [:]
        for index in stride(from: 0, to: list.count - 1, by: 2) {
            guard let place = list[index].integer, let bytes = list[index + 1].bytes else { continue }
            states[Int(clamping: place) - 1] = StateValue(bytes)
        }
        return states
    }

    /// The line of an attempt that a worker settled.
    static func line(_ attempt: AttemptRecord) throws(StoreError) -> [UInt8] {
        do {
            return try PayloadCodec.encode(attempt)
        } catch {
            throw StoreError(.invalidRequest, "an attempt's record can't be written: \(error)")
        }
    }

    /// Either JSON by a worker, or `lost ATTEMPT SINCE UNTIL WORKER` by the sweep that found the worker dead.
    private static func attempt(_ line: ArraySlice<UInt8>) -> AttemptRecord? {
        let text = String(decoding: line, as: UTF8.self)
        guard text.hasPrefix("lost ") else { return try? PayloadCodec.decode(AttemptRecord.self, from: Array(line)) }
        let words = text.split(separator: " ", maxSplits: 4)
        guard words.count == 5, let number = Int(words[1]), let since = Int64(words[2]), let end = Int64(words[3])
        else {
            return nil
        }
        return AttemptRecord(
            attempt: number, worker: String(words[4]), startedAt: Timestamp(rawValue: since),
            finishedAt: Timestamp(rawValue: end), failure: TaskFailure(.leaseLost, "the worker's lease lapsed"))
    }
}
