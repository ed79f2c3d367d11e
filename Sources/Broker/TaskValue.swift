internal import TaskQueue

/// A task as the hash `:tasks` holds it: what scripts must know, then the message.
///
/// Accepted (6 bytes, ms), expiry (6, 0 for none), rank (1, 9 - priority), length of the task's name (1), length of the
/// unique key (2), name, key, message. Big-endian throughout.
struct TaskValue {
    let enqueuedAt: Timestamp
    let expiresAt: Timestamp?
    let rank: UInt8
    let task: String
    let message: ArraySlice<UInt8>

    /// Longest name of a task, in bytes.
    static let taskBytesMax = 255
    /// Longest unique key, in bytes.
    static let uniqueKeyBytesMax = 65_535

    /// Reads a value; nil if it is too short to be one.
    init?(_ bytes: [UInt8]) {
        var reader = BigEndianReader(bytes)
        guard let accepted = reader.number(6), let expires = reader.number(6), let rank = reader.number(1),
            let taskLength = reader.number(1), let keyLength = reader.number(2),
            let task = reader.take(Int(taskLength)), reader.take(Int(keyLength)) != nil
        else { return nil }
        enqueuedAt = Timestamp(rawValue: accepted)
        expiresAt = expires > 0 ? Timestamp(rawValue: expires) : nil
        self.rank = UInt8(truncatingIfNeeded: rank)
        self.task = String(decoding: task, as: UTF8.self)
        message = reader.rest
    }

    /// Writes what follows the two times, which the script puts in front.
    static func write(_ message: TaskMessage, to bytes: inout [UInt8]) throws(StoreError) {
        let key = message.uniqueKey ?? ""
        guard (1...taskBytesMax).contains(message.task.utf8.count), key.utf8.count <= uniqueKeyBytesMax else {
            throw StoreError(
                .invalidRequest,
                "a task's name has 1 to \(taskBytesMax) bytes, a unique key at most \(uniqueKeyBytesMax); change it")
        }
        bytes.append(UInt8(9 - message.priority.level))
        bytes.append(UInt8(message.task.utf8.count))
        bytes.append(bigEndian: Int64(key.utf8.count), 2)
        bytes.append(contentsOf: message.task.utf8)
        bytes.append(contentsOf: key.utf8)
        bytes.append(contentsOf: MessageCodec.encode(message))
    }
}
