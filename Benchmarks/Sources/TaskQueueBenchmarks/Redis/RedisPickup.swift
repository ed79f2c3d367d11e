import ArgumentParser
import Foundation
import TaskQueue

/// Submits tasks at a steady rate.
struct RedisPickup: AsyncParsableCommand {
    @OptionGroup var redis: RedisConnectionOptions
    @Option var rate: Double
    @Option var seconds: Double

    func run() async throws {
        let stores = try redis.stores()
        let client = TaskClient(broker: stores.broker, results: stores.results)
        try await client.enqueue(NoopTask.self, RivalInput(id: 0), RedisEnqueue.warmUp)
        let (count, start) = (Int(rate * seconds), ContinuousClock.now)
        for id in 0..<count {
            try await Task.sleep(until: start + .seconds(Double(id) / rate), tolerance: .zero)
            try await client.enqueue(StampTask.self, RivalInput(id: id, at: Date().timeIntervalSince1970))
        }
        say(#"{"count": \#(count), "seconds": \#((ContinuousClock.now - start).inSeconds)}"#)
    }
}

/// Serves the comparison's tasks until it is killed.
struct RedisWorker: AsyncParsableCommand {
    @OptionGroup var redis: RedisConnectionOptions
    @Option var samples: String?
    @Option var taskMs = 20
    @Option var recordURL: String?
    @Option var lease = 5.0
    @Option var slots = 10

    func run() async throws {
        try await redis.migrate()
        let stores = try redis.stores()
        var registry = TaskRegistry()
        registry.register(NoopTask())
        registry.register(StampTask(samples: samples))
        let traces = try recordURL.map { url in
            var options = redis
            options.url = url
            return try options.client()
        }
        registry.register(RecordTask(time: .milliseconds(taskMs), traces: traces))
        var configuration = WorkerConfiguration()
        configuration.queues = ["default"]
        configuration.leaseDuration = .seconds(lease)
        configuration.concurrency = slots
        let worker = Worker(
            broker: stores.broker, results: stores.results, registry: registry, configuration: configuration,
            logger: RedisConnectionOptions.logger)
        async let running: Void = worker.run()
        _ = try await stores.broker.stored(in: "default")
        say("ready")
        await running
    }
}
