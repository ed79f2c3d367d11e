import Foundation
import Synchronization
import TaskQueue

/// Where the microseconds of one no-op task go, each step alone on one core.
enum TaskCost {
    private static let count = 100_000

    static func report() throws {
        let payload = try PayloadCodec.encode(NoOp.Input())
        var message = TaskMessage(task: "no_op", payload: payload)
        message.headers = ["traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"]
        let bytes = MessageCodec.encode(message)
        say("one no-op task, microseconds a step:")
        show("make an id") { _ = TaskID() }
        show("encode the message (\(bytes.count) bytes)") { _ = MessageCodec.encode(message) }
        show("decode the message") { _ = try? MessageCodec.decode(bytes) }
        show("decode the input (JSON)") { _ = try? PayloadCodec.decode(NoOp.Input.self, from: payload) }
        show("encode the output (JSON)") { _ = try? PayloadCodec.encode(NoOp.Output()) }
        let start = ContinuousClock.now
        let done = DispatchSemaphore(value: 0)
        Task {
            for _ in 0..<count { await Task {}.value }
            done.signal()
        }
        done.wait()
        line("start a task and await it (two hops)", (ContinuousClock.now - start).inSeconds)
    }

    private static func show(_ name: String, _ body: () -> Void) {
        let start = ContinuousClock.now
        for _ in 0..<count { body() }
        line(name, (ContinuousClock.now - start).inSeconds)
    }

    private static func line(_ name: String, _ seconds: Double) {
        say(
            "  " + name.padding(toLength: 44, withPad: " ", startingAt: 0)
                + String(format: "%.2f", seconds / Double(count) * 1e6))
    }
}
