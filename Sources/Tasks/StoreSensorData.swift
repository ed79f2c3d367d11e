public import TaskQueue

/// `store_sensor_data`: keeps readings, and raises an alert when one is far from what its sensor usually says.
public struct StoreSensorData: BatchTaskHandler {
    /// One reading.
    public struct Input: Codable, Sendable {
        /// Which sensor; 1 to 128 characters.
        public var sensorID: String
        /// What it measures, such as `temperature`.
        public var sensorType: String
        /// The reading; finite.
        public var value: Double
        /// The tank it hangs in.
        public var tankID: String
        /// When it was read; the time it was enqueued if absent.
        public var timestamp: Timestamp?
        /// The unit, such as `°C`.
        public var unit: String?

        private enum CodingKeys: String, CodingKey {
            case value, timestamp, unit
            case sensorID = "sensor_id"
            case sensorType = "sensor_type"
            case tankID = "tank_id"
        }

        /// Describes a reading.
        public init(sensorID: String, sensorType: String, value: Double, tankID: String, timestamp: Timestamp? = nil) {
            self.sensorID = sensorID
            self.sensorType = sensorType
            self.value = value
            self.tankID = tankID
            self.timestamp = timestamp
        }

        /// Reads and validates a reading.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            sensorID = try container.name(.sensorID)
            sensorType = try container.name(.sensorType)
            tankID = try container.name(.tankID)
            value = try container.decode(Double.self, forKey: .value)
            timestamp = try container.decodeIfPresent(Timestamp.self, forKey: .timestamp)
            unit = try container.decodeIfPresent(String.self, forKey: .unit)
            guard value.isFinite else { throw PayloadError(field: "value", problem: "must be a finite number") }
            // A clock that was never set says 1601 or 1904, and one in the wrong unit the year 9999.
            let plausible = Timestamp(rawValue: 0)...(.now + .seconds(86_400))
            guard plausible.contains(timestamp ?? .now) else {
                throw PayloadError(field: "timestamp", problem: "must be from 1970 to a day from now")
            }
        }
    }

    /// What became of the reading.
    public struct Output: Codable, Sendable {
        /// Whether the reading is kept; false if its sensor is known to have said something else at that very moment.
        public var stored: Bool
        /// Whether it is far from what the sensor usually says.
        public var anomaly: Bool
        /// How far, in standard deviations.
        public var score: Double
        /// What the sensor usually says; absent until it has been heard often enough.
        public var expected: Expected?
        /// The task that delivers the alert.
        public var alertID: TaskID?

        private enum CodingKeys: String, CodingKey {
            case stored, anomaly, score, expected
            case alertID = "alert_id"
        }
    }

    /// What a sensor usually says.
    public struct Expected: Codable, Hashable, Sendable {
        /// The mean of its readings.
        public var mean: Double
        /// Their standard deviation.
        public var stddev: Double
    }

    /// `store_sensor_data`.
    public static let name = "store_sensor_data"
    /// One transaction for many readings.
    public static let batchSizeMax = 256

    private let readings: any ReadingStore
    private let client: TaskClient
    private let metrics = AnomalyMetrics()

    /// Makes the handler.
    public init(readings: any ReadingStore, client: TaskClient) {
        self.readings = readings
        self.client = client
    }

    /// Stores the readings and enqueues alerts.
    /// - Throws: What the reading store throws; then none of them is kept.
    public func run(_ inputs: [Input], _ context: BatchContext) async throws -> [Result<Output, any Error>] {
        let batch = zip(inputs, context.items).map { input, item in
            Reading(
                sensorID: input.sensorID, sensorType: input.sensorType, tankID: input.tankID, value: input.value,
                // Not this moment: a reading that is delivered twice must get the same time twice.
                timestamp: input.timestamp ?? item.enqueuedAt, unit: input.unit)
        }
        let scores = try await readings.store(batch)
        var results: [Result<Output, any Error>] = []
        for (reading, score) in zip(batch, scores) {
            let expected = score.expected.map { Expected(mean: $0.mean, stddev: $0.standardDeviation) }
            var output = Output(
                stored: !score.isContradiction, anomaly: score.isAnomaly, score: score.deviations, expected: expected)
            do {
                if score.isAnomaly {
                    output.alertID = try await alert(reading, score).id
                    metrics.found(reading.sensorType)
                }
                results.append(.success(output))
            } catch {
                // All are stored; the one whose alert was not taken tries again alone.
                results.append(.failure(error))
            }
        }
        return results
    }

    /// A store that can't be used at the moment, or a full queue of alerts, costs no attempt: the reading waits.
    public func decide(_ error: any Error) -> RetryDecision {
        if let error = error as? StoreError, error.isTransient { return .snooze(.milliseconds(500)) }
        if case .queueFull = error as? EnqueueReceipt.Refusal { return .snooze(.seconds(5)) }
        return (error as? any RetryDeciding)?.retryDecision ?? .backOff
    }

    private func alert(_ reading: Reading, _ score: ReadingScore) async throws -> TaskReceipt<SendAlert.Output> {
        let mean = score.expected.map { "\(($0.mean * 100).rounded() / 100)" } ?? "?"
        let fingerprint = "anomaly/\(reading.sensorID)"
        // The same reading again finds the alert already there.
        var options = TaskOptions(priority: .highest, uniqueKey: "\(fingerprint)/\(reading.timestamp)")
        options.uniqueFor = .seconds(3600)
        return try await client.enqueue(
            SendAlert.self,
            SendAlert.Input(
                severity: .warning,
                message: "\(reading.sensorType) of tank \(reading.tankID) is \(reading.value), usually \(mean)",
                source: reading.sensorID,
                labels: ["kind": "sensor", "tank_id": reading.tankID, "sensor_type": reading.sensorType],
                fingerprint: fingerprint),
            options)
    }
}

extension KeyedDecodingContainer {
    /// A name that is not empty and not endless.
    fileprivate func name(_ key: Key) throws -> String {
        let text = try decode(String.self, forKey: key)
        guard (1...128).contains(text.count) else {
            throw PayloadError(field: key.stringValue, problem: "must have 1 to 128 characters")
        }
        return text
    }
}
