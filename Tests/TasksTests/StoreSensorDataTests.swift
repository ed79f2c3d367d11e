import TaskQueue
import Tasks
import TestSupport
import Testing

@Suite("Storing readings", .timeLimit(.minutes(1)))
struct StoreSensorDataTests {
    private func withSensors(
        limits: BrokerLimits = BrokerLimits(), _ body: (Workshop) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let workshop = try await Workshop(limits: limits)
        var registry = TaskRegistry()
        let readings = try SQLiteReadingStore(path: folder.path("readings.sqlite"))
        registry.register(batch: StoreSensorData(readings: readings, client: workshop.client))
        try await workshop.run(registry) { try await body(workshop) }
    }

    /// Half degrees around 20, one a second.
    private func ordinary(_ count: Int, sensor: String = "s1") -> [StoreSensorData.Input] {
        (0..<count).map { input(20 + Double($0 % 2), second: $0, sensor: sensor) }
    }

    private func input(_ value: Double, second: Int, sensor: String = "s1") -> StoreSensorData.Input {
        StoreSensorData.Input(
            sensorID: sensor, sensorType: "temperature", value: value, tankID: "tank",
            timestamp: Timestamp(rawValue: 1_700_000_000_000 + Int64(second) * 1000))
    }

    private func store(_ workshop: Workshop, _ input: StoreSensorData.Input) async throws -> StoreSensorData.Output {
        let receipt = try await workshop.client.enqueue(StoreSensorData.self, input)
        return try await workshop.outcome(receipt).output(StoreSensorData.Output.self)
    }

    private func alerts(_ workshop: Workshop) async throws -> [TaskID] {
        var filter = TaskFilter()
        filter.task = SendAlert.name
        return try await workshop.client.list(filter).map(\.id)
    }

    @Test("an anomalous reading raises exactly one alert, however often it is delivered")
    func anomaly() async throws {
        try await withSensors { workshop in
            for reading in ordinary(40) { #expect(try await store(workshop, reading).anomaly == false) }
            #expect(try await alerts(workshop).isEmpty)
            let odd = input(90, second: 1000)
            let first = try await store(workshop, odd)
            #expect(first.stored && first.anomaly && first.score > 4)
            #expect(first.expected?.mean == 20.5 && first.expected?.stddev == 0.5)
            let again = try await store(workshop, odd)
            #expect(again.anomaly && again.score == first.score && again.alertID == first.alertID)
            #expect(try await alerts(workshop) == [try #require(first.alertID)])
        }
    }

    @Test("a reading whose alert finds no room waits for room, and its neighbours do not")
    func fullQueue() async throws {
        try await withSensors(limits: BrokerLimits(queueLengthMax: 2)) { workshop in
            for reading in ordinary(40) { _ = try await store(workshop, reading) }
            // Nobody here delivers alerts: these two stay and fill the queue.
            var waiting: [TaskMessage] = []
            for _ in 0..<2 { waiting.append(TaskMessage(task: SendAlert.name, payload: Array("{}".utf8))) }
            _ = try await workshop.client.enqueue(waiting)
            let odd = TaskMessage(
                task: StoreSensorData.name, queue: "sensors", payload: try PayloadCodec.encode(input(90, second: 1000)))
            let usual = TaskMessage(
                task: StoreSensorData.name, queue: "sensors", payload: try PayloadCodec.encode(input(20, second: 1001)))
            _ = try await workshop.client.enqueue([odd, usual])
            let settled = try await workshop.bench.reach(usual.id) { $0.state.isFinal }
            #expect(try settled.output(StoreSensorData.Output.self).stored)
            try await eventually("the other has been put off") {
                try await workshop.bench.broker.queues().contains { $0.scheduled == 1 }
            }
            for message in waiting { _ = try await workshop.client.cancel(message.id) }
            try await workshop.bench.passTime(.seconds(5))
            let record = try await workshop.bench.reach(odd.id) { $0.state.isFinal }
            #expect(try record.output(StoreSensorData.Output.self).alertID != nil)
        }
    }

    @Test("a sensor that says two things at one moment is told that the second was not stored")
    func contradiction() async throws {
        try await withSensors { workshop in
            var stored: [Bool] = []
            for value in [20.0, 21, 20] { stored.append(try await store(workshop, input(value, second: 0)).stored) }
            #expect(stored == [true, false, true])
        }
    }

    @Test("a reading that is there already changes nothing and gets the same answer")
    func duplicate() async throws {
        try await withSensors { workshop in
            let first = try await store(workshop, input(20, second: 0))
            let again = try await store(workshop, input(20, second: 0))
            #expect(first.expected == nil && again.expected == nil)
            for reading in ordinary(30) { _ = try await store(workshop, reading) }
            let before = try await store(workshop, input(20.5, second: 100)).expected
            for reading in ordinary(30) { _ = try await store(workshop, reading) }
            let after = try await store(workshop, input(20.5, second: 101)).expected
            #expect(before?.mean == 20.5 && before?.stddev == 0.5)
            // 31 readings instead of 30, and not 61.
            #expect(abs((after?.stddev ?? 0) - (0.25 * 30 / 31).squareRoot()) < 1e-12)
        }
    }

    @Test("a reading without a time has that of its submission, so that a redelivery finds it there")
    func submissionTime() async throws {
        try await withSensors { workshop in
            let json = #"{"sensor_id":"s","sensor_type":"t","value":1,"tank_id":"k"}"#
            let message = TaskMessage(task: StoreSensorData.name, payload: Array(json.utf8))
            _ = try await workshop.client.enqueue([message])
            let record = try await workshop.bench.reach(message.id) { $0.state.isFinal }
            #expect(try record.output(StoreSensorData.Output.self).stored)
        }
    }

    @Test("the largest readings there are do not stop a sensor or its neighbours")
    func extremes() async throws {
        try await withSensors { workshop in
            let largest = Double.greatestFiniteMagnitude
            for (second, value) in [largest, -largest, largest, 1e200, -1e200, 0].enumerated() {
                let output = try await store(workshop, input(value, second: second))
                #expect(output.stored)
            }
            let neighbour = try await store(workshop, input(20, second: 0, sensor: "neighbour"))
            #expect(neighbour.stored)
        }
    }

    private static let rest = #""sensor_id":"s","sensor_type":"t","tank_id":"k""#

    @Test(
        "a reading that makes no sense ends in FAILURE at once, with the field named",
        arguments: [
            (#"{"sensor_type":"t","value":1,"tank_id":"k"}"#, "field 'sensor_id' is missing"),
            (#"{"sensor_id":"s","value":1,"tank_id":"k"}"#, "field 'sensor_type' is missing"),
            (#"{"sensor_id":"s","sensor_type":"t","value":1}"#, "field 'tank_id' is missing"),
            (#"{"sensor_id":"","sensor_type":"t","value":1,"tank_id":"k"}"#, "field 'sensor_id' must have 1 to 128"),
            ("{\(rest)}", "field 'value' is missing"),
            (#"{"value":null,\#(rest)}"#, "field 'value'"),
            (#"{"value":"20",\#(rest)}"#, "field 'value' is not a number"),
            (#"{"value":true,\#(rest)}"#, "field 'value' is not a number"),
            (#"{"value":"NaN",\#(rest)}"#, "field 'value' is not a number"),
            (#"{"value":1e999,\#(rest)}"#, "field 'value' is a number out of range"),
            (#"{"value":-1e999,\#(rest)}"#, "field 'value' is a number out of range"),
            (#"{"value":NaN,\#(rest)}"#, "the input is not valid JSON"),
            (#"{"value":1,"timestamp":"yesterday",\#(rest)}"#, "field 'timestamp' is not valid: expected an RFC 3339"),
            (#"{"value":1,"timestamp":1700000000,\#(rest)}"#, "field 'timestamp' is not a string"),
            (#"{"value":1,"timestamp":"2026-13-45T99:00:00Z",\#(rest)}"#, "field 'timestamp'"),
            (#"{"value":1,"timestamp":"1601-01-01T00:00:00Z",\#(rest)}"#, "field 'timestamp' must be from 1970"),
            (#"{"value":1,"timestamp":"9999-12-31T23:59:59Z",\#(rest)}"#, "field 'timestamp' must be from 1970"),
            (#"{"value":1,"unit":5,\#(rest)}"#, "field 'unit' is not a string"),
            ("[]", "the input is not"), ("", "the input is not valid JSON"),
        ])
    func badInput(_ json: String, _ words: String) async throws {
        try await withSensors { workshop in
            let record = try await workshop.outcome(StoreSensorData.name, json: json)
            #expect(record.state == .failure && record.attempt == 1)
            #expect(record.failure?.reason == .quarantined)
            #expect(record.failure?.message.hasPrefix(words) == true, "\(record.failure?.message ?? "")")
        }
    }
}
