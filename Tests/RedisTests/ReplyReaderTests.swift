import TestSupport
import Testing

@testable import Redis

@Suite("The reader of replies")
struct ReplyReaderTests {
    private static let everyKind = "*7\r\n$-1\r\n*-1\r\n:-42\r\n+OK\r\n-ERR no\r\n$3\r\na\r\n\r\n*2\r\n$0\r\n\r\n*0\r\n"
    private static let everyValue = RedisValue.array([
        .null, .null, .integer(-42), .simple("OK"), .error(RedisServerError("ERR no")), .bytes([97, 13, 10]),
        .array([.bytes([]), .array([])]),
    ])

    @Test("understands every kind of reply, wherever the network cuts it", arguments: 0...everyKind.utf8.count)
    func cut(at place: Int) throws {
        let reader = try #require(ReplyReader(limit: 1 << 20))
        let bytes = Array((Self.everyKind + ":1\r\n").utf8)
        var replies = try reader.replies(in: bytes[..<place])
        replies += try reader.replies(in: bytes[place...])
        #expect(replies == [Self.everyValue, .integer(1)])
    }

    @Test(
        "refuses what is no reply",
        arguments: [
            "HTTP/1.1 400 Bad Request\r\n", "$x\r\n", "*x\r\n", ":x\r\n", "$-2\r\n", "\r\n", "\0",
            ":99999999999999999999\r\n", "*-2\r\n", String(repeating: "*1\r\n", count: 20),
        ])
    func nonsense(_ text: String) throws {
        let reader = try #require(ReplyReader(limit: 1 << 20))
        let error = #expect(throws: RedisError.self) { _ = try reader.replies(in: Array(text.utf8)[...]) }
        #expect(error?.code == .protocolViolation)
    }

    @Test(
        "refuses what is too long as soon as it is announced or shows",
        arguments: [
            "$1001\r\n", "$4611686018427387904\r\n", "$9223372036854775807\r\n", "*2000000000\r\n" + many, "+" + long,
            "*1\r\n$2000\r\n", "*2000\r\n" + many,
        ])
    func tooLong(_ text: String) throws {
        let reader = try #require(ReplyReader(limit: 1000))
        let error = #expect(throws: RedisError.self) { _ = try reader.replies(in: Array(text.utf8)[...]) }
        #expect(error?.code == .protocolViolation)
    }

    private static let long = String(repeating: "x", count: 1200)
    private static let many = String(repeating: ":1\r\n", count: 300)

    @Test("has no limit on how many short replies come at once")
    func manyShort() throws {
        let reader = try #require(ReplyReader(limit: 100))
        #expect(try reader.replies(in: Array(Self.many.utf8)[...]).count == 300)
    }
}

extension ReplyReader {
    /// Feeds bytes and takes all replies that are complete then.
    func replies(in bytes: ArraySlice<UInt8>) throws -> [RedisValue] {
        try bytes.withUnsafeBytes { raw in try feed(raw) }
        var replies: [RedisValue] = []
        while let reply = try next() { replies.append(reply) }
        return replies
    }
}
