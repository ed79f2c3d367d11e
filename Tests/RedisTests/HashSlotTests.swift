import Testing

@testable import Redis

@Suite("Slots and where they are")
struct HashSlotTests {
    @Test(
        "a key's slot is the one Redis computes",
        arguments: [
            ("123456789", 0x31C3 % 16_384), ("", 0), ("foo", 12_182), ("bar", 5_061), ("{foo}.a", 12_182),
            ("a{foo}b{bar}", 12_182),
        ] as [(RedisArgument, Int)])
    func known(_ key: RedisArgument, _ slot: Int) {
        #expect(HashSlot(of: key).number == slot)
    }

    @Test("the way a key is given makes no difference")
    func forms() {
        #expect(HashSlot(of: 42) == HashSlot(of: "42"))
        #expect(HashSlot(of: .bytes(Array("a{b}c".utf8))) == HashSlot(of: "b"))
    }

    @Test("braces without something between them mean nothing")
    func braces() {
        #expect(HashSlot(of: "foo{}{bar}") != HashSlot(of: "bar"))
        #expect(HashSlot(of: "foo{{bar}}zap") == HashSlot(of: "{bar"))
        #expect(HashSlot(of: "}{foo}") == HashSlot(of: "foo"))
        #expect(HashSlot(of: "{foo") != HashSlot(of: "foo"))
    }

    private static let here = RedisAddress(host: "h", port: 1)

    @Test("a map says who serves a slot, and learns of a move")
    func map() throws {
        let reply = RedisValue.array([
            .range(0, 5, "a", 1), .range(6, 7, "", 2), .range(8, 9, nil, 3), .range(10, 10, "?", 4),
            .range(16_383, 16_383, "a", 1),
        ])
        let map = try SlotMap(reply, from: Self.here)
        let owners = [0, 5, 6, 8, 10, 11, 16_383].map { HashSlot(number: $0).flatMap(map.owner)?.description }
        #expect(owners == ["a:1", "a:1", "h:2", "h:3", "h:4", nil, "a:1"])
        #expect(map.masters.count == 4)
        let slot = try #require(HashSlot(number: 11))
        let changed = map.moving(slot, to: RedisAddress(host: "new", port: 5))
        #expect(changed.owner(of: slot)?.description == "new:5")
        #expect(changed.masters.count == 5)
    }

    @Test(
        "a map that makes no sense is refused",
        arguments: [
            .null, .array([]), .array([.null]), .array([.array([])]), .array([.range(5, 4, "a", 1)]),
            .array([.range(0, 16_384, "a", 1)]), .array([.range(-1, 0, "a", 1)]),
            .array([.array([.integer(0), .integer(1), .array([.null])])]),
        ] as [RedisValue])
    func nonsense(_ reply: RedisValue) {
        #expect(throws: RedisError.self) { try SlotMap(reply, from: Self.here) }
    }

    @Test(
        "a redirection names the node, or leaves out what is the same",
        arguments: [
            ("MOVED 3999 a:6381", "a:6381"), ("MOVED 3999 :6381", "h:6381"), ("ASK 3999 ?:6381", "h:6381"),
            ("MOVED 3999 ::1:6381", "[::1]:6381"),
        ])
    func redirection(_ reply: String, _ address: String) throws {
        let redirection = try #require(Redirection(RedisServerError(reply), from: Self.here))
        #expect(redirection.address.description == address)
        #expect(redirection.slot.number == 3999)
    }

    @Test(
        "what only looks like a redirection is an error as any other",
        arguments: ["MOVED", "MOVED x a:1", "MOVED 16384 a:1", "MOVED 1 a", "ASK 1 a:x", "ASK 1 a:70000", "ERR x"])
    func noRedirection(_ reply: String) {
        #expect(Redirection(RedisServerError(reply), from: Self.here) == nil)
    }
}

extension RedisValue {
    /// One entry of the reply to `CLUSTER SLOTS`.
    static func range(_ first: Int64, _ last: Int64, _ host: String?, _ port: Int64) -> RedisValue {
        let name = host.map { RedisValue.bytes(Array($0.utf8)) } ?? .null
        return .array([.integer(first), .integer(last), .array([name, .integer(port), .simple("id"), .array([])])])
    }
}
