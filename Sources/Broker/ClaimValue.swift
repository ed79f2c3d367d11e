internal import TaskQueue

/// A claim as the hash `:claims` holds it.
struct ClaimValue {
    let fence: Int64
    let attempt: Int
    let since: Timestamp
    let worker: String
    let progress: TaskProgress?

    init?(_ bytes: [UInt8]) {
        var reader = BigEndianReader(bytes)
        guard let fence = reader.number(8), let attempt = reader.number(4), let since = reader.number(6),
            reader.take(5) != nil, let length = reader.number(1), let worker = reader.take(Int(length))
        else { return nil }
        self.fence = fence
        self.attempt = Int(attempt)
        self.since = Timestamp(rawValue: since)
        self.worker = String(decoding: worker, as: UTF8.self)
        let json = reader.rest.drop { $0 == UInt8(ascii: " ") }
        progress = json.isEmpty ? nil : try? PayloadCodec.decode(TaskProgress.self, from: Array(json))
    }
}
