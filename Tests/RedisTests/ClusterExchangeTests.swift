import Testing

@testable import Redis

@Suite("The way of commands through a cluster")
struct ClusterExchangeTests {
    private let first = RedisAddress(host: "a", port: 1)
    private let second = RedisAddress(host: "b", port: 2)
    private let third = RedisAddress(host: "c", port: 3)
    private let map: SlotMap

    init() throws {
        map = try SlotMap(
            .array([.range(0, 8191, "a", 1), .range(8192, 16_383, "b", 2)]), from: RedisAddress(host: "x", port: 9))
    }

    /// "bar" is in slot 5061, "foo" in slot 12182.
    private func call() -> ClusterExchange {
        ClusterExchange([
            RedisCommand("GET", "foo"), RedisCommand("PING"), RedisCommand("GET", "bar"),
            RedisCommand("GET", "{foo}2"),
        ])
    }

    @Test("commands are sorted by node and keep their order")
    func sorted() {
        let batches = call().batches(map, fallback: first)
        #expect(
            batches == [
                .init(address: second, isAsking: false, indices: [0, 3]),
                .init(address: first, isAsking: false, indices: [1, 2]),
            ])
    }

    @Test("replies come back in the call's order")
    func replies() {
        var exchange = call()
        let batches = exchange.batches(map, fallback: first)
        _ = exchange.absorb([(batches[1], .success([.integer(1), .integer(2)]))])
        #expect(exchange.result == nil)
        _ = exchange.absorb([(batches[0], .success([.integer(0), .integer(3)]))])
        #expect(exchange.result == [.integer(0), .integer(1), .integer(2), .integer(3)])
    }

    @Test("a moved key's command goes to its new node, alone")
    func moved() {
        var exchange = call()
        let batches = exchange.batches(map, fallback: first)
        let moved = RedisValue.error(RedisServerError("MOVED 12182 c:3"))
        let round = exchange.absorb([
            (batches[0], .success([.integer(0), moved])), (batches[1], .success([.null, .null])),
        ])
        #expect(round.moved.map(\.address) == [third])
        #expect(exchange.batches(map, fallback: first) == [.init(address: third, isAsking: false, indices: [3])])
        #expect(exchange.redirectedRounds == 1)
        #expect(exchange.hasExecuted)
    }

    @Test("a key under way is asked for, each command of its own")
    func asking() {
        var exchange = ClusterExchange([RedisCommand("GET", "foo"), RedisCommand("TTL", "foo")])
        let ask = RedisValue.error(RedisServerError("ASK 12182 c:3"))
        let round = exchange.absorb([(exchange.batches(map, fallback: first)[0], .success([ask, ask]))])
        #expect(round.moved.isEmpty)
        #expect(!exchange.hasExecuted)
        let batches = exchange.batches(map, fallback: first)
        #expect(batches == [.init(address: third, isAsking: true, indices: [0, 1])])
        #expect(exchange.words(of: batches[0]).map(\.name) == ["ASKING", "GET", "ASKING", "TTL"])
        _ = exchange.absorb([(batches[0], .success([.simple("OK"), .integer(1), .simple("OK"), .integer(2)]))])
        #expect(exchange.result == [.integer(1), .integer(2)])
    }

    @Test("a refusal is repeated while there is time, and is the answer when there is none")
    func refused() {
        var exchange = ClusterExchange([RedisCommand("GET", "foo")])
        let refusal = RedisValue.error(RedisServerError("TRYAGAIN later"))
        let batches = exchange.batches(map, fallback: first)
        #expect(exchange.absorb([(batches[0], .success([refusal]))]).hasRefusals)
        #expect(exchange.result == nil)
        #expect(exchange.batches(map, fallback: first) == batches)
        exchange.settleForRefusals()
        #expect(exchange.result == [refusal])
    }

    @Test("a failed node's commands stay to be sent; whether they were executed is not forgotten")
    func failed() {
        var exchange = call()
        let batches = exchange.batches(map, fallback: first)
        let round = exchange.absorb([(batches[0], .failure(RedisError(.unavailable, "gone")))])
        #expect(round.failures.map(\.code) == [.unavailable])
        #expect(!exchange.hasExecuted)
        #expect(exchange.batches(map, fallback: first) == batches)
        _ = exchange.absorb([(batches[0], .failure(RedisError(.timeout, "late", maybeExecuted: true)))])
        #expect(exchange.hasExecuted)
    }
}
