import Embedded
import Foundation
import Logging
import TaskQueue

/// How long a task waits for an idle worker in another process, over one SQLite file.
enum PickupLatency {
    static func measure() async throws {
        let path = Scratch.path("pickup-\(UUID().uuidString).sqlite")
        let file = try SQLiteFile(path: path)
        let client = TaskClient(
            broker: SQLiteBroker(file, recordsOutcomes: true), results: SQLiteResultStore(file))
        let worker = Process()
        worker.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        worker.arguments = ["sq-lite-worker", path]
        try worker.run()
        defer { worker.terminate() }
        var waits: [Double] = []
        var ends: [Double] = []
        for index in 0..<520 {
            let start = ContinuousClock.now
            let receipt = try await client.enqueue(NoOp.self, .init())
            let record = try await client.wait(for: receipt.id, atMost: .seconds(20))
            ends.append((ContinuousClock.now - start).inSeconds * 1000)
            if let started = record.startedAt { waits.append((started - record.enqueuedAt).inSeconds * 1000) }
            // The first ones wait for the process to start.
            if index < 20 { waits.removeAll(); ends.removeAll() }
            try await Task.sleep(for: .milliseconds(5))
        }
        let (resident, cpu) = idleCost(worker.processIdentifier)
        say(
            "pickup   sqlite across processes: enqueued → started p50 \(at(waits, 0.5)) ms, p99 \(at(waits, 0.99)) ms; enqueued → result seen p50 \(at(ends, 0.5)) ms, p99 \(at(ends, 0.99)) ms"
        )
        say("idle     worker: \(resident) MB resident, \(cpu) % CPU over 5 s")
    }

    static func work(_ path: String) async throws {
        let file = try SQLiteFile(path: path)
        var registry = TaskRegistry()
        registry.register(NoOp(finished: nil))
        await Worker(
            broker: SQLiteBroker(file, recordsOutcomes: true), results: SQLiteResultStore(file), registry: registry,
            configuration: WorkerConfiguration(), logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        ).run()
    }

    private static func at(_ values: [Double], _ share: Double) -> String {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return "?" }
        return String(format: "%.1f", sorted[min(Int(Double(sorted.count) * share), sorted.count - 1)])
    }

    private static func idleCost(_ process: Int32) -> (Int, String) {
        func ticks() -> Double {
            let text = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
            let fields = text.split(separator: " ")
            guard fields.count > 15 else { return 0 }
            return (Double(fields[13]) ?? 0) + (Double(fields[14]) ?? 0)
        }
        let before = ticks()
        Thread.sleep(forTimeInterval: 5)
        let percent = (ticks() - before) / 100 / 5 * 100
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS") } ?? ""
        return ((Int(line.filter(\.isNumber)) ?? 0) / 1024, String(format: "%.1f", percent))
    }
}
