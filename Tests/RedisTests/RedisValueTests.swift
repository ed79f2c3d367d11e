import NIOCore
import Testing

@testable import Redis

@Suite("Values and commands")
struct RedisValueTests {
    @Test("a value is read as what it can be read as")
    func access() {
        #expect(RedisValue.bytes(Array("42".utf8)).integer == 42)
        #expect(RedisValue.simple("OK").string == "OK")
        #expect(RedisValue.simple("OK").bytes == Array("OK".utf8))
        #expect(RedisValue.bytes([0xff]).string == nil)
        #expect(RedisValue.bytes([0xff]).integer == nil)
        #expect(RedisValue.null.isNull)
        #expect(RedisValue.array([.null]).array == [.null])
        #expect(RedisValue.integer(1).bytes == nil)
    }

    @Test("a value of another kind is refused without being quoted")
    func requirements() {
        let secret = RedisValue.bytes(Array("hush".utf8))
        let notNumber = #expect(throws: RedisError.self) { try secret.requireInteger() }
        #expect(notNumber?.code == .unexpectedReply)
        #expect(notNumber?.message == "the server answered a string where a number was expected")
        let notList = #expect(throws: RedisError.self) { try RedisValue.null.requireArray() }
        #expect(notList?.message == "the server answered null where a list was expected")
        let refusal = RedisValue.error(RedisServerError("NOPERM no"))
        #expect(#expect(throws: RedisError.self) { try refusal.requireString() }?.code == .permission)
    }

    @Test(
        "the first word of an error reply decides its kind",
        arguments: [
            ("NOAUTH x", .authentication), ("WRONGPASS x", .authentication), ("NOPERM x", .permission),
            ("READONLY x", .readOnly), ("OOM x", .outOfMemory), ("LOADING x", .loading), ("BUSY x", .busy),
            ("NOSCRIPT x", .noScript), ("CLUSTERDOWN x", .clusterDown), ("TRYAGAIN x", .clusterDown),
            ("ERR x", .server("ERR")), ("no prefix", .server("")), ("", .server("")),
        ] as [(String, RedisError.Code)])
    func kinds(_ reply: String, _ code: RedisError.Code) {
        #expect(RedisError.Code(RedisServerError(reply)) == code)
    }

    @Test("an error reply loses the arguments it quotes")
    func discreet() {
        let reply = RedisServerError("ERR unknown command 'X', with args beginning with: 'hush'")
        #expect(reply.message == "ERR unknown command 'X'")
        #expect(!"\(RedisError(reply, to: "X"))".contains("hush"))
    }

    @Test("a command is written as the protocol wants it")
    func bytes() {
        var buffer = ByteBuffer()
        buffer.write(RedisCommand("SET", "ä", .bytes([0, 13, 10]), -42, .integer(.min), ""))
        #expect(
            String(buffer: buffer)
                == "*6\r\n$3\r\nSET\r\n$2\r\nä\r\n$3\r\n\0\r\n\r\n$3\r\n-42\r\n"
                + "$20\r\n-9223372036854775808\r\n$0\r\n\r\n")
    }

    @Test("a script knows its SHA-1")
    func digest() {
        #expect(RedisScript("return 1").digest == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db")
    }
}
