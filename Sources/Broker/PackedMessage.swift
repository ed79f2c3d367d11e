internal import Redis
internal import TaskQueue

extension RedisArgument {
    /// Packs a message as `enqueue.lua` reads it.
    init(_ message: TaskMessage, inQueueNumbered queue: Int) throws(StoreError) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(160 + message.payload.count + message.task.utf8.count)
        bytes.append(UInt8(queue))
        bytes.append(message.id)
        bytes.append(due: message.notBefore)
        bytes.append(due: message.expires)
        bytes.append(milliseconds: message.uniqueFor?.wholeMilliseconds ?? 0)
        try TaskValue.write(message, to: &bytes)
        self = .bytes(bytes)
    }
}

extension [UInt8] {
    fileprivate mutating func append(due time: DueTime?) {
        switch time {
        case nil:
            append(UInt8(ascii: "n"))
            append(milliseconds: 0)
        case .after(let delay):
            append(UInt8(ascii: "a"))
            append(milliseconds: delay.wholeMilliseconds)
        case .at(let time):
            append(UInt8(ascii: "t"))
            append(milliseconds: time.rawValue)
        }
    }
}
