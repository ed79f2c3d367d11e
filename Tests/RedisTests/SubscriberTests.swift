import Logging
import Redis
import TestSupport
import Testing

@Suite("A subscriber", .serialized, .timeLimit(.minutes(2)))
struct SubscriberTests {
    @Test("hears what is published on its channels, in order")
    func hears() async throws {
        let server = try await RedisServer.start()
        let client = try RedisClient(to: server.url)
        let subscriber = try RedisSubscriber(to: server.url)
        var news = try await subscriber.stream(of: "news").makeAsyncIterator()
        let other = try await subscriber.stream(of: "other")
        _ = try await client.pipeline((0..<1000).map { RedisCommand("PUBLISH", "news", RedisArgument($0)) })
        for number in 0..<1000 { #expect(await news.next() == .message(Array(String(number).utf8))) }
        #expect(try await client.send("PUBLISH", "other", "x").integer == 1)
        var others = other.makeAsyncIterator()
        #expect(await others.next() == .message([120]))
        try await subscriber.unsubscribe(from: "other")
        #expect(try await client.send("PUBLISH", "other", "y").integer == 0)
        await subscriber.close()
    }

    @Test("hears of a gap after its connection was lost, and messages after it")
    func gap() async throws {
        let server = try await RedisServer.start()
        let client = try RedisClient(to: server.url)
        let subscriber = try RedisSubscriber(to: server.url)
        var news = try await subscriber.stream(of: "news").makeAsyncIterator()
        for round in 0..<20 {
            try await client.send("CLIENT", "KILL", "TYPE", "pubsub")
            #expect(await news.next() == .gap)
            #expect(try await client.send("PUBLISH", "news", RedisArgument(round)).integer == 1)
            #expect(await news.next() == .message(Array(String(round).utf8)))
        }
    }

    @Test("notices a server that went silent, by asking")
    func silence() async throws {
        let server = try await RedisServer.start()
        let proxy = try await FaultProxy.start(for: server.address)
        let subscriber = try RedisSubscriber(to: proxy.url) { $0.idleInterval = .milliseconds(50) }
        var news = try await subscriber.stream(of: "news").makeAsyncIterator()
        try await proxy.set(.blackHole)
        try await eventually("the dead connection was replaced") { proxy.accepted > 1 }
        try await proxy.set(.pass)
        #expect(await news.next() == .gap)
        // A machine under load may make it lose patience once more.
        try await eventually("a subscriber listens") { try await server.cli("PUBLISH", "news", "x") == "1" }
        var heard = await news.next()
        while heard == .gap { heard = await news.next() }
        #expect(heard == .message([120]))
    }

    @Test("that stays idle for long keeps its one connection")
    func idle() async throws {
        let server = try await RedisServer.start()
        let proxy = try await FaultProxy.start(for: server.address)
        let subscriber = try RedisSubscriber(to: proxy.url) { $0.idleInterval = .milliseconds(10) }
        var news = try await subscriber.stream(of: "news").makeAsyncIterator()
        let before = proxy.received
        try await eventually("it has asked 20 times") { proxy.received >= before + 20 * 14 }
        #expect(try await server.cli("PUBLISH", "news", "x") == "1")
        #expect(await news.next() == .message([120]))
        #expect(proxy.accepted == 1)
    }

    @Test("that may not listen is told")
    func refused() async throws {
        let server = try await RedisServer.start("user deaf on >hush resetchannels +@all")
        let subscriber = try RedisSubscriber(to: "redis://deaf:hush@127.0.0.1:\(server.port)")
        let error = try await #require(throws: RedisError.self) {
            try await subscriber.subscribe(to: "news") { _ in }
        }
        #expect(error.code == .permission)
        await subscriber.close()
        let later = try await #require(throws: RedisError.self) {
            try await subscriber.subscribe(to: "news") { _ in }
        }
        #expect(later.code == .closed)
    }
}

extension RedisSubscriber {
    /// A subscriber that says nothing, with settings as a test wants them.
    convenience init(to url: String, _ tune: (inout RedisConfiguration) -> Void = { _ in }) throws {
        var configuration = try RedisConfiguration(url: url)
        tune(&configuration)
        self.init(configuration, logger: .silent)
    }

    /// Subscribes, and hands what is heard on as a stream.
    func stream(of channel: String) async throws -> AsyncStream<Event> {
        let (stream, continuation) = AsyncStream.makeStream(of: Event.self)
        try await subscribe(to: channel) { continuation.yield($0) }
        return stream
    }
}
