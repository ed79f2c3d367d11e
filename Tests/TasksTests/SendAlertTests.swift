import Logging
import Synchronization
import TaskQueue
import Tasks
import TestSupport
import Testing

/// A channel that fails as it is told and counts what it delivered.
private final class Ledger: AlertChannel {
    let name: String
    private let failures: Mutex<[any Error & Sendable]>
    private let kept = Mutex<[String]>([])

    init(_ name: String, failing failures: [any Error & Sendable] = []) {
        self.name = name
        self.failures = Mutex(failures)
    }

    var messages: [String] { kept.withLock { $0 } }

    func deliver(_ alert: SendAlert.Input, _ context: TaskContext) async throws {
        if let failure = failures.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { throw failure }
        kept.withLock { $0.append(alert.message) }
    }
}

private struct Down: Error, CustomStringConvertible {
    let description = "down"
}

@Suite("Alerting", .timeLimit(.minutes(1)))
struct SendAlertTests {
    private func withAlerts(
        _ channels: [any AlertChannel], quietPeriod: Duration = .seconds(300), _ body: (Workshop) async throws -> Void
    ) async throws {
        let workshop = try await Workshop()
        var registry = TaskRegistry()
        registry.register(SendAlert(channels: channels, quietPeriod: quietPeriod))
        try await workshop.run(registry) { try await body(workshop) }
    }

    private func send(_ workshop: Workshop, _ message: String, _ fingerprint: String?) async throws -> SendAlert.Output
    {
        let input = SendAlert.Input(severity: .warning, message: message, fingerprint: fingerprint)
        let receipt = try await workshop.client.enqueue(SendAlert.self, input)
        return try await workshop.outcome(receipt).output(SendAlert.Output.self)
    }

    @Test("an alert of the same fingerprint is held back for a while, and says so")
    func suppressed() async throws {
        let ledger = Ledger("ledger")
        try await withAlerts([ledger]) { workshop in
            #expect(try await send(workshop, "low", "oxygen").delivered == ["ledger"])
            let second = try await send(workshop, "lower", "oxygen")
            #expect(second.suppressed && second.delivered.isEmpty)
            #expect(second.reason == "the same alert was delivered a moment ago")
            #expect(try await send(workshop, "hot", "heat").delivered == ["ledger"])
            #expect(ledger.messages == ["low", "hot"])
        }
    }

    @Test("without a fingerprint, severity, source and message are it")
    func ownFingerprint() async throws {
        let ledger = Ledger("ledger")
        try await withAlerts([ledger]) { workshop in
            var suppressed: [Bool] = []
            for message in ["low", "low", "high"] {
                suppressed.append(try await send(workshop, message, nil).suppressed)
            }
            #expect(suppressed == [false, true, false])
            #expect(ledger.messages == ["low", "high"])
        }
    }

    @Test("once the quiet period is over the same alert rings again")
    func quietPeriodOver() async throws {
        let ledger = Ledger("ledger")
        try await withAlerts([ledger], quietPeriod: .zero) { workshop in
            let first = try await send(workshop, "low", "oxygen")
            let second = try await send(workshop, "low", "oxygen")
            #expect(!first.suppressed && !second.suppressed)
            #expect(ledger.messages == ["low", "low"])
        }
    }

    @Test("an alert that did not get through makes way for the next of its kind")
    func failedMakesWay() async throws {
        let ledger = Ledger("ledger", failing: [GiveUp("no")])
        try await withAlerts([ledger]) { workshop in
            let input = SendAlert.Input(severity: .warning, message: "low", fingerprint: "oxygen")
            let first = try await workshop.outcome(try await workshop.client.enqueue(SendAlert.self, input))
            #expect(first.state == .failure)
            #expect(try await send(workshop, "low", "oxygen").delivered == ["ledger"])
        }
    }

    @Test("a retry goes only to the channels that have not had the alert")
    func retryReachesTheRest() async throws {
        let (steady, shaky) = (Ledger("steady"), Ledger("shaky", failing: [Down()]))
        try await withAlerts([steady, shaky]) { workshop in
            let input = SendAlert.Input(severity: .info, message: "low")
            let receipt = try await workshop.client.enqueue(SendAlert.self, input)
            _ = try await workshop.bench.firstFailure(of: receipt.id)
            try await workshop.bench.passTime(.seconds(300))
            let record = try await workshop.outcome(receipt)
            #expect(try record.output(SendAlert.Output.self).delivered == ["steady", "shaky"])
            #expect(steady.messages == ["low"] && shaky.messages == ["low"])
        }
    }

    @Test("channels of one name, as two webhooks of one host have, all get the alert")
    func sameName() async throws {
        let (first, second) = (Ledger("webhook:hooks"), Ledger("webhook:hooks"))
        try await withAlerts([first, second]) { workshop in
            let delivered = try await send(workshop, "low", nil).delivered
            #expect(delivered == ["webhook:hooks", "webhook:hooks"])
            #expect(first.messages == ["low"] && second.messages == ["low"])
        }
    }

    @Test("a channel that refuses for good does not end the tries for one that is down")
    func refusalOfOne() async throws {
        let (closed, shaky) = (
            Ledger("closed", failing: [GiveUp("no"), GiveUp("no")]), Ledger("shaky", failing: [Down()])
        )
        try await withAlerts([closed, shaky]) { workshop in
            let receipt = try await workshop.client.enqueue(
                SendAlert.self, SendAlert.Input(severity: .info, message: "low"))
            #expect(try await workshop.bench.firstFailure(of: receipt.id)?.failure?.message == "down")
            try await workshop.bench.passTime(.seconds(300))
            let record = try await workshop.outcome(receipt)
            #expect(record.state == .failure && record.failure?.message == "no")
            #expect(shaky.messages == ["low"])
        }
    }

    @Test(
        "the console is as loud as the alert is bad",
        arguments: [(SendAlert.Severity.info, Logger.Level.notice), (.warning, .warning), (.critical, .critical)])
    func console(_ severity: SendAlert.Severity, _ level: Logger.Level) async throws {
        try await withAlerts([ConsoleChannel()]) { workshop in
            let input = SendAlert.Input(severity: severity, message: "oxygen low", source: "tank_001")
            let receipt = try await workshop.client.enqueue(SendAlert.self, input)
            let record = try await workshop.outcome(receipt)
            #expect(try record.output(SendAlert.Output.self).delivered == ["console"])
            let line = try #require(workshop.log.lines.first { $0.text.hasPrefix("ALERT") })
            #expect(line.level == level)
            #expect(line.text.hasPrefix("ALERT \(severity.rawValue): oxygen low"))
            #expect(line.text.contains("tank_001"))
        }
    }

    @Test(
        "input that makes no sense is refused with the field named",
        arguments: [
            (#"{"message":"x"}"#, "'severity'"), (#"{"severity":"loud","message":"x"}"#, "'severity'"),
            (#"{"severity":"info"}"#, "'message'"), (#"{"severity":"info","message":1}"#, "'message'"),
            (#"{"severity":"info","message":"x","labels":{"a":1}}"#, "'labels.a'"),
        ])
    func badInput(_ json: String, _ field: String) async throws {
        let ledger = Ledger("ledger")
        try await withAlerts([ledger]) { workshop in
            let record = try await workshop.outcome(SendAlert.name, json: json)
            #expect(record.state == .failure && record.attempt == 1)
            #expect(record.failure?.message.contains(field) == true)
            #expect(ledger.messages.isEmpty)
        }
    }
}
