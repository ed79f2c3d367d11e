/// Turns a message into bytes and back: what stores keep and wires carry.
///
/// The bytes are a protocol-buffers message (proto3 wire format; fields in `WireField`), so that any language can
/// write one, with the format's version as the first field. Fields of a newer version survive a round trip.
/// Hand-written because the engine's hot path needs a dozen fields and no reflection.
public enum MessageCodec {
    /// The format this build writes, and the newest it reads.
    public static let version: UInt64 = 1

    /// Field numbers of the wire format.
    ///
    /// Append only; a number is never used again.
    enum WireField {
        static let version: UInt64 = 1
        static let id: UInt64 = 2
        static let task: UInt64 = 3
        static let queue: UInt64 = 4
        static let payload: UInt64 = 5
        static let priority: UInt64 = 6
        static let delayMilliseconds: UInt64 = 7
        static let notBeforeMilliseconds: UInt64 = 8
        static let expiresAfterMilliseconds: UInt64 = 9
        static let expiresAtMilliseconds: UInt64 = 10
        static let uniqueKey: UInt64 = 11
        static let uniqueForMilliseconds: UInt64 = 12
        static let maxRetries: UInt64 = 13
        static let timeLimitMilliseconds: UInt64 = 14
        static let deathLimit: UInt64 = 15
        static let resultRetentionMilliseconds: UInt64 = 16
        static let header: UInt64 = 17
    }

    /// Encodes a message; the same message always gives the same bytes.
    public static func encode(_ message: TaskMessage) -> [UInt8] {
        var writer = WireWriter(reserving: 96 + message.payload.count + message.task.utf8.count)
        writer.number(WireField.version, version)
        writer.bytes(WireField.id, message.id.bytes)
        writer.text(WireField.task, message.task)
        writer.text(WireField.queue, message.queue)
        writer.bytes(WireField.payload, message.payload)
        writer.number(WireField.priority, UInt64(message.priority.level))
        writer.due(message.notBefore, after: WireField.delayMilliseconds, at: WireField.notBeforeMilliseconds)
        writer.due(message.expires, after: WireField.expiresAfterMilliseconds, at: WireField.expiresAtMilliseconds)
        if let key = message.uniqueKey { writer.text(WireField.uniqueKey, key) }
        if let window = message.uniqueFor { writer.duration(WireField.uniqueForMilliseconds, window) }
        if let retries = message.maxRetries { writer.number(WireField.maxRetries, UInt64(clamping: retries)) }
        if let limit = message.timeLimit { writer.duration(WireField.timeLimitMilliseconds, limit) }
        if message.deathLimit != TaskMessage.defaultDeathLimit {
            writer.number(WireField.deathLimit, UInt64(clamping: message.deathLimit))
        }
        if message.resultRetention != TaskMessage.defaultResultRetention {
            writer.duration(WireField.resultRetentionMilliseconds, message.resultRetention)
        }
        for (name, value) in message.headers.sorted(by: { $0.key < $1.key }) {
            var pair = WireWriter(reserving: name.utf8.count + value.utf8.count + 4)
            pair.text(1, name)
            pair.text(2, value)
            writer.bytes(WireField.header, pair.output)
        }
        return writer.output + message.unknownFields
    }

    /// Decodes a message.
    /// - Throws: `MessageError` that says which field is wrong; the bytes are the caller's to keep.
    public static func decode(_ bytes: [UInt8]) throws(MessageError) -> TaskMessage {
        try decode(bytes[...])
    }

    /// Decodes a message that stands within other bytes.
    /// - Throws: As for whole bytes.
    public static func decode(_ bytes: ArraySlice<UInt8>) throws(MessageError) -> TaskMessage {
        var message = TaskMessage(id: TaskID(high: 0, low: 0), task: "", queue: "")
        var seen = Required()
        var reader = WireReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case WireField.version:
                let written = try field.number("version")
                guard written == version else { throw .newerVersion(written) }
                seen.version = true
            case WireField.id:
                guard let id = TaskID(bytes: try reader.bytes(field, "id")) else { throw .malformed(field: "id") }
                message.id = id
                seen.id = true
            case WireField.task: message.task = try reader.text(field, "task")
            case WireField.queue: message.queue = try reader.text(field, "queue")
            case WireField.payload: message.payload = Array(try reader.bytes(field, "payload"))
            default: try decodeOption(field, of: reader, into: &message)
            }
        }
        guard seen.version else { throw .missing(field: "version") }
        guard seen.id else { throw .missing(field: "id") }
        guard !message.task.isEmpty else { throw .missing(field: "task") }
        guard !message.queue.isEmpty else { throw .missing(field: "queue") }
        return message
    }

    private struct Required {
        var version = false
        var id = false
    }

    private static func decodeOption(
        _ field: WireReader.Field, of reader: WireReader, into message: inout TaskMessage
    ) throws(MessageError) {
        switch field.number {
        case WireField.priority:
            guard let priority = QueuePriority(Int(clamping: try field.number("priority"))) else {
                throw .malformed(field: "priority")
            }
            message.priority = priority
        case WireField.delayMilliseconds: message.notBefore = .after(try field.duration("delay"))
        case WireField.notBeforeMilliseconds: message.notBefore = .at(try field.timestamp("not_before"))
        case WireField.expiresAfterMilliseconds: message.expires = .after(try field.duration("expires_after"))
        case WireField.expiresAtMilliseconds: message.expires = .at(try field.timestamp("expires_at"))
        case WireField.uniqueKey: message.uniqueKey = try reader.text(field, "unique_key")
        case WireField.uniqueForMilliseconds: message.uniqueFor = try field.duration("unique_for")
        case WireField.maxRetries: message.maxRetries = Int(clamping: try field.number("max_retries"))
        case WireField.timeLimitMilliseconds: message.timeLimit = try field.duration("time_limit")
        case WireField.deathLimit: message.deathLimit = Int(clamping: try field.number("death_limit"))
        case WireField.resultRetentionMilliseconds: message.resultRetention = try field.duration("result_retention")
        case WireField.header: try decodeHeader(try reader.bytes(field, "header"), into: &message)
        default: message.unknownFields += reader.whole(field)
        }
    }

    private static func decodeHeader(_ pair: ArraySlice<UInt8>, into message: inout TaskMessage) throws(MessageError) {
        var reader = WireReader(pair)
        var name = ""
        var value = ""
        while let part = try reader.next() {
            if part.number == 1 { name = try reader.text(part, "header name") }
            if part.number == 2 { value = try reader.text(part, "header value") }
        }
        message.headers[name] = value
    }
}

extension TaskID {
    /// The sixteen bytes of the UUID, most significant first: their order is the ids' order.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        for word in [high, low] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return bytes
    }

    /// Reads sixteen bytes; nil for any other number of them.
    public init?(bytes: [UInt8]) {
        self.init(bytes: bytes[...])
    }

    /// Reads sixteen bytes that stand within others; nil for any other number of them.
    public init?(bytes: ArraySlice<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var (high, low): (UInt64, UInt64) = (0, 0)
        for index in bytes.startIndex..<bytes.startIndex + 8 {
            high = high << 8 | UInt64(bytes[index])
            low = low << 8 | UInt64(bytes[index + 8])
        }
        self.init(high: high, low: low)
    }
}
