import ArgumentParser
import Broker
import Foundation
import TaskQueue

/// Work for a fleet that runs beside this program, a line about both every tenth of a second, and what became of it.
///
/// The tasks are the drill worker's naps, which sleep: `worker fleet --program drill-worker`.
struct FleetLoad: AsyncParsableCommand {
    @OptionGroup var redis: RedisConnectionOptions
    @Option(help: "How many tasks.") var count: Int
    @Option(help: "Tasks a second; all at once if absent.") var rate: Double?
    @Option(help: "How long each sleeps.") var milliseconds = 100
    @Flag(help: "Results are not kept; what ended is only counted.") var forget = false
    @Option(help: "Seconds to go on watching after the last task ended.") var linger = 0.0

    private struct Input: Encodable {
        let milliseconds: Int
        let isDeadly = false
    }

    func run() async throws {
        let stores = try redis.stores()
        let payload = try PayloadCodec.encode(Input(milliseconds: milliseconds))
        let start = ContinuousClock.now
        let watching = Task { try await watch(stores.broker, since: start) }
        let ids = try await send(payload, stores.broker, since: start)
        while try await stores.broker.stored(in: "default") > 0 { try await Task.sleep(for: .milliseconds(50)) }
        let ended = (ContinuousClock.now - start).inSeconds
        try await Task.sleep(for: .seconds(linger))
        watching.cancel()
        if forget {
            let queue = try await stores.broker.queues().first { $0.queue == "default" }
            say("# \(count) sent, \(queue?.finished ?? 0) finished after \(ended) s")
        } else {
            try await report(ids, ended, stores.results)
        }
    }

    private func send(
        _ payload: [UInt8], _ broker: RedisBroker, since start: ContinuousClock.Instant
    ) async throws -> [TaskID] {
        var ids: [TaskID] = []
        // A fiftieth of a second's worth at a time.
        let portion = rate.map { max(1, Int($0 / 50)) } ?? 1000
        for first in stride(from: 0, to: count, by: portion) {
            if let rate { try await Task.sleep(until: start + .seconds(Double(first) / rate), tolerance: .zero) }
            let messages = (first..<min(first + portion, count)).map { _ in
                var message = TaskMessage(task: "nap", payload: payload)
                if forget { message.resultRetention = .zero }
                return message
            }
            let receipts = try await broker.enqueue(messages)
            precondition(receipts.allSatisfy { $0.id != nil })
            if !forget { ids += messages.map(\.id) }
        }
        return ids
    }

    private func watch(_ broker: RedisBroker, since start: ContinuousClock.Instant) async throws {
        say("seconds,ready,processing,workers,oldest_age")
        while !Task.isCancelled {
            let queue = try await broker.queues().first { $0.queue == "default" }
            let workers = try await broker.workers().count { $0.leaseExpiresAt > .now }
            let seconds = (ContinuousClock.now - start).inSeconds
            let age = queue?.oldestAge?.inSeconds ?? 0
            say(
                String(
                    format: "%.1f,%d,%d,%d,%.2f", seconds, queue?.ready ?? 0, queue?.processing ?? 0, workers, age))
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private func report(_ ids: [TaskID], _ ended: Double, _ results: any ResultStore) async throws {
        var (waits, states, again, interrupted) = ([Double](), [String: Int](), 0, 0)
        for first in stride(from: 0, to: ids.count, by: 1000) {
            for record in try await results.fetch(Array(ids[first..<min(first + 1000, ids.count)])).values {
                states[record.state.rawValue, default: 0] += 1
                if record.attempt > 1 { again += 1 }
                if record.fence > 1 { interrupted += 1 }
                if let started = record.startedAt { waits.append((started - record.enqueuedAt).inSeconds) }
            }
        }
        waits.sort()
        let (half, most) = (waits[waits.count / 2], waits[Int(Double(waits.count - 1) * 0.99)])
        say(
            "# \(ids.count) sent, \(states) after \(ended) s, lost \(ids.count - states.values.reduce(0, +)); attempts spent twice \(again), delivered "
                + "again \(interrupted); wait p50 \(half) s, p99 \(most) s, most \(waits.last ?? 0) s")
    }
}
