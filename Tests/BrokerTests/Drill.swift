import Foundation
import Redis
import Synchronization
import TaskQueue
import TestSupport
import Testing

/// Work under way, submitted and done all the time, while something happens to the server.
///
/// Whoever submits does what a client should: a message whose fate is unknown is submitted again with its id.
final class Drill: Sendable {
    private struct State {
        var accepted: [TaskID] = []
        var runs: [String: Int] = [:]
        var started = 0
        var isOver = false
    }

    private let station: Station
    private let workers: [Worker]
    private let replica: RedisServer?
    private let state: Shared

    /// What handlers and the drill share.
    private final class Shared: Sendable {
        let state = Mutex(State())
    }

    /// - Parameters:
    ///   - station: Who submits, and checks the books.
    ///   - workers: What each worker has; nil for one that shares the submitter's.
    ///   - replica: If given, a task counts as accepted only once this one has it.
    init(
        _ station: Station, workers stations: [Station]? = nil, replica: RedisServer? = nil,
        change: (inout WorkerConfiguration) -> Void = { _ in }
    ) {
        let shared = Shared()
        let handler = Scripted { input, _ in
            shared.state.withLock { state in
                state.runs[input.text, default: 0] += 1
                state.started += 1
            }
            try await Task.sleep(for: .milliseconds(1))
        }
        self.station = station
        self.replica = replica
        state = shared
        workers = (stations ?? [station]).map { $0.worker(handler, change: change) }
    }

    var started: Int { state.state.withLock { $0.started } }

    /// Brings work into flow, lets the fault happen and heal, and sees that work flows again and nothing is lost.
    /// - Parameters:
    ///   - fault: Its name in the table of recoveries.
    ///   - window: What was accepted so shortly before the fault may be gone, by the server's own promise.
    ///   - body: Returns when it has healed, or for a fault that needs no healing when it has happened.
    func survive(_ fault: String, window: Duration = .zero, _ body: () async throws -> Void) async throws {
        var mayBeGone = Timestamp.now..<Timestamp.now
        try await run(workers[...]) {
            let submitting = Task { try await submit() }
            defer { submitting.cancel() }
            try await eventually("work flows") { started > 100 }
            let before = Timestamp.now
            try await body()
            if window > .zero {
                mayBeGone = Timestamp(rawValue: before.rawValue - window.wholeMilliseconds)..<Timestamp.now
            }
            let healed = ContinuousClock.now
            let startedBefore = started
            try await eventually("work flows again") { started > startedBefore }
            print("recovery: \(fault): \(healed.duration(to: .now).wholeMilliseconds) ms until work flowed again")
            try await eventually("work goes on flowing") { started > startedBefore + 1000 }
            state.state.withLock { $0.isOver = true }
            try await submitting.value
            try await eventually("everything has ended") {
                try await insisting { try await left() } == 0
            }
        }
        try await check(fault) { mayBeGone.contains($0) }
    }

    private func run(_ workers: ArraySlice<Worker>, _ body: () async throws -> Void) async throws {
        guard let first = workers.first else { return try await body() }
        try await first.run { try await run(workers.dropFirst(), body) }
    }

    private func submit() async throws {
        while !state.state.withLock({ $0.isOver }) {
            let messages = (0..<20).map { _ in
                let id = TaskID()
                return TaskMessage(id: id, task: Scripted.name, payload: Array(#"{"text":"\#(id)"}"#.utf8))
            }
            let receipts = try await submit(messages)
            #expect(receipts.compactMap(\.id) == messages.map(\.id))
            state.state.withLock { $0.accepted += messages.map(\.id) }
            try await Task.sleep(for: .milliseconds(4))
        }
    }

    private func submit(_ messages: [TaskMessage]) async throws -> [EnqueueReceipt] {
        while true {
            let before = try? await port()
            let receipts = try await insisting { try await station.broker.enqueue(messages) }
            guard let replica else { return receipts }
            let copies = before == replica.port ? 1 : try? await station.send("WAIT", 1, 500).integer
            // Counted only if all was asked of one server.
            let after = try? await port()
            if let before, before == after, copies == 1 { return receipts }
        }
    }

    private func left() async throws -> Int {
        guard let queue = try await station.broker.queues().first(where: { $0.queue == "default" }) else { return 0 }
        return queue.ready + queue.scheduled + queue.processing
    }

    /// Which server the station's commands go to.
    private func port() async throws -> Int? {
        let lines = try await station.send("INFO", "server").string?.split(separator: "\r\n") ?? []
        return lines.first { $0.hasPrefix("tcp_port:") }.flatMap { Int($0.dropFirst(9)) }
    }

    /// Every task accepted has one final record, and the books hold nothing more.
    private func check(_ fault: String, mayBeGone: (Timestamp) -> Bool) async throws {
        let (all, runs) = state.state.withLock { ($0.accepted, $0.runs) }
        let accepted = all.filter { !mayBeGone(Timestamp(rawValue: Int64($0.high >> 16))) }
        let records = try await station.results.fetch(accepted)
        let lost = accepted.filter { records[$0]?.state != .success }
        #expect(lost.isEmpty)
        #expect(accepted.allSatisfy { runs["\($0)"] != nil })
        for book in [":tasks", ":claims", ":state", ":scheduled", ":workers"] {
            let kind = try await station.send("EXISTS", station.key(book))
            #expect(kind == .integer(0), "\(book) is left over")
        }
        let twice = runs.values.reduce(0) { $0 + $1 - 1 }
        print("recovery: \(fault): \(accepted.count) tasks, lost \(lost.count), run again \(twice)")
    }
}
