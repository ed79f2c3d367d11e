internal import CHiredis

/// Puts a reply together while hiredis reads it, element by element, depth first.
final class ReplyBuilder {
    private struct OpenArray {
        let count: Int
        var elements: [RedisValue] = []
    }

    private var open: [OpenArray] = []
    private var finished: RedisValue?

    /// The reply that hiredis just declared complete.
    func take() -> RedisValue? {
        defer { finished = nil }
        return finished
    }

    fileprivate func add(_ value: RedisValue) {
        var value = value
        while let last = open.indices.last {
            open[last].elements.append(value)
            guard open[last].elements.count == open[last].count else { return }
            value = .array(open[last].elements)
            open.removeLast()
        }
        finished = value
    }

    fileprivate func openArray(_ count: Int) {
        guard count > 0 else { return add(.array([])) }
        var array = OpenArray(count: count)
        // The count is the server's claim: believed for the result, not for an allocation.
        array.elements.reserveCapacity(min(count, 1024))
        open.append(array)
    }

    /// What hiredis calls for each element; it finds the builder in its `privdata`.
    ///
    /// hiredis only asks whether the returned object is null, so any non-null pointer will do.
    static func functions() -> redisReplyObjectFunctions {
        redisReplyObjectFunctions(
            createString: { task, text, count in
                guard let task, let builder = ReplyBuilder.of(task) else { return nil }
                let bytes = UnsafeRawBufferPointer(start: text, count: count)
                switch task.pointee.type {
                case REDIS_REPLY_ERROR: builder.add(.error(RedisServerError(String(decoding: bytes, as: UTF8.self))))
                case REDIS_REPLY_STATUS: builder.add(.simple(String(decoding: bytes, as: UTF8.self)))
                default: builder.add(.bytes(Array(bytes)))
                }
                return UnsafeMutableRawPointer(mutating: task)
            },
            createArray: { task, count in
                guard let task, let builder = ReplyBuilder.of(task) else { return nil }
                builder.openArray(Int(count))
                return UnsafeMutableRawPointer(mutating: task)
            },
            createInteger: { task, number in
                guard let task, let builder = ReplyBuilder.of(task) else { return nil }
                builder.add(.integer(number))
                return UnsafeMutableRawPointer(mutating: task)
            },
            createNil: { task in
                guard let task, let builder = ReplyBuilder.of(task) else { return nil }
                builder.add(.null)
                return UnsafeMutableRawPointer(mutating: task)
            },
            freeObject: { _ in })
    }

    private static func of(_ task: UnsafePointer<redisReadTask>) -> ReplyBuilder? {
        task.pointee.privdata.map { Unmanaged<ReplyBuilder>.fromOpaque($0).takeUnretainedValue() }
    }
}
