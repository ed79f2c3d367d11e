/// What a broker did with one message.
public enum EnqueueReceipt: Hashable, Sendable {
    /// It is kept and will run.
    case accepted(TaskID)
    /// A live task already has this id or unique key; nothing was added.
    case duplicate(of: TaskID)
    /// A limit forbids it; nothing was added.
    case refused(Refusal)

    /// The limit that was in the way.
    public enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        /// The payload is over the limit.
        case payloadTooLarge(bytes: Int, limit: Int)
        /// The queue holds as many tasks as it may.
        case queueFull(queue: String, limit: Int)

        /// One sentence for people.
        public var description: String {
            switch self {
            case .payloadTooLarge(let bytes, let limit):
                "the input is \(bytes) bytes, over the limit of \(limit); "
                    + "pass a reference instead, or raise broker.payload_bytes_max"
            case .queueFull(let queue, let limit):
                "queue '\(queue)' holds \(limit) tasks, its limit; wait for workers, add some, or raise "
                    + "broker.queue_length_max"
            }
        }
    }

    /// The task that now stands for the message; nil if it was refused.
    public var id: TaskID? {
        switch self {
        case .accepted(let id), .duplicate(let id): id
        case .refused: nil
        }
    }
}
