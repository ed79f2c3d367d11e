internal import CHiredis

/// Turns the bytes of a connection into replies, by hiredis' reader.
///
/// Belongs to one connection and is used on its event loop only.
final class ReplyReader {
    private let reader: UnsafeMutablePointer<redisReader>
    private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
    private let builder = ReplyBuilder()
    private let limit: Int
    /// How many bytes of the reply being read have come.
    private var begun = 0

    /// - Parameter limit: The most bytes one reply may have.
    init?(limit: Int) {
        let functions = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        functions.initialize(to: ReplyBuilder.functions())
        guard let reader = redisReaderCreateWithFunctions(functions) else {
            functions.deallocate()
            return nil
        }
        reader.pointee.privdata = Unmanaged.passUnretained(builder).toOpaque()
        // Replies of some 100 KiB are this library's daily bread: the buffer is kept from one to the next.
        reader.pointee.maxbuf = 1 << 20
        self.reader = reader
        self.functions = functions
        self.limit = limit
    }

    deinit {
        redisReaderFree(reader)
        functions.deallocate()
    }

    /// Takes bytes as they arrived.
    func feed(_ bytes: UnsafeRawBufferPointer) throws(RedisError) {
        let text = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        guard redisReaderFeed(reader, text, bytes.count) == REDIS_OK else { throw violation() }
        begun += bytes.count
    }

    /// The next complete reply, nil while there is none.
    func next() throws(RedisError) -> RedisValue? {
        var object: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &object) == REDIS_OK else { throw violation() }
        let unread = reader.pointee.len - reader.pointee.pos
        guard object == nil else {
            begun = unread
            return builder.take()
        }
        try checkLimit(unread)
        return nil
    }

    /// hiredis would wait for ever for a string that claims to have 2^62 bytes, or for a list without end.
    private func checkLimit(_ unread: Int) throws(RedisError) {
        guard begun <= limit, declaredLength(unread) <= limit else {
            throw RedisError(.protocolViolation, "a reply is longer than the limit of \(limit) bytes")
        }
    }

    /// The length that the string being read says it has; 0 if none is being read.
    private func declaredLength(_ unread: Int) -> Int {
        let index = Int(reader.pointee.ridx)
        guard index >= 0, unread > 0, let buffer = reader.pointee.buf else { return 0 }
        let isString = withUnsafeBytes(of: &reader.pointee.rstack) { stack in
            let tasks = stack.bindMemory(to: redisReadTask.self)
            return tasks.indices.contains(index) && tasks[index].type == REDIS_REPLY_STRING
        }
        guard isString else { return 0 }
        var length = 0
        for byte in UnsafeRawBufferPointer(start: buffer + reader.pointee.pos, count: min(unread, 20)) {
            guard byte.isDigit else { break }
            length = length * 10 + Int(byte - UInt8(ascii: "0"))
            if length > limit { break }
        }
        return length
    }

    private func violation() -> RedisError {
        let words = withUnsafeBytes(of: reader.pointee.errstr) { text in
            String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
        }
        return RedisError(.protocolViolation, "the reply is not of the Redis protocol: \(words)")
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
