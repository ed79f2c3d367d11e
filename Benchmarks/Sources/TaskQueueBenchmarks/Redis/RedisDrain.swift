import ArgumentParser
import Foundation
import TaskQueue

/// Runs the tasks that wait, and ends.
struct RedisDrain: AsyncParsableCommand {
    @OptionGroup var redis: RedisConnectionOptions
    @Option var count: Int

    func run() async throws {
        try await redis.migrate()
        try await drain("warm", 400, filling: true)
        let stores = try redis.stores()
        let extra = try await stores.broker.stored(in: "default") - count
        say("ready")
        await Self.lineOfInput()
        let (before, start) = (Self.cpuSeconds(), ContinuousClock.now)
        let runs = try await drain("default", count, filling: false)
        let seconds = (ContinuousClock.now - start).inSeconds
        let cpu = Self.cpuSeconds() - before
        let left = max(0, try await stores.broker.stored(in: "default") - max(0, extra))
        say(
            #"{"count": \#(runs), "seconds": \#(seconds), "rate": \#(Double(runs) / seconds), "#
                + #""cpu_worker_s": \#(cpu), "rss_mb": \#(Self.peakMegabytes()), "left": \#(left)}"#)
        await Self.lineOfInput()
    }

    @discardableResult
    private func drain(_ queue: String, _ count: Int, filling: Bool) async throws -> Int {
        let stores = try redis.stores()
        if filling {
            let client = TaskClient(broker: stores.broker, results: stores.results)
            if redis.postgres == nil {
                var options = TaskOptions()
                options.queue = queue
                try await client.enqueue(NoopTask.self, all: (0..<count).map { RivalInput(id: $0) }, options)
            } else {
                _ = try await client.enqueue(
                    (0..<count).map { try RedisEnqueue.kept(RivalInput(id: $0), queue: queue) })
            }
        }
        let (finished, runs) = (Countdown(count), Counted())
        var registry = TaskRegistry()
        registry.register(NoopTask(finished: finished, runs: runs))
        var configuration = WorkerConfiguration()
        configuration.queues = [queue]
        let worker = Worker(
            broker: stores.broker, results: stores.results, registry: registry, configuration: configuration,
            logger: RedisConnectionOptions.logger)
        async let running: Void = worker.run()
        await finished.wait()
        worker.drain()
        // It ends when its last outcome is settled.
        await running
        return runs.value
    }

    /// Waits for a line of standard input, or its end, on a thread that may block.
    private static func lineOfInput() async {
        await withCheckedContinuation { continuation in
            Thread {
                _ = readLine()
                continuation.resume()
            }.start()
        }
    }

    private static func cpuSeconds() -> Double {
        let usage = usage()
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static func peakMegabytes() -> Double {
        Double(usage().ru_maxrss) * 1024 / 1e6
    }

    private static func usage() -> rusage {
        var usage = rusage()
        #if canImport(Darwin)
            getrusage(RUSAGE_SELF, &usage)
        #else
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        #endif
        return usage
    }
}
