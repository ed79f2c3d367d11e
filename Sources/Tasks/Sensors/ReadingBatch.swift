internal import Postgres
internal import TaskQueue

/// One batch on its way into PostgreSQL.
struct ReadingBatch {
    private struct Moment: Hashable {
        let sensor: String
        let milliseconds: Int64

        init(_ reading: Reading) {
            sensor = reading.sensorID
            milliseconds = reading.timestamp.rawValue
        }

        init(sensor: String, milliseconds: Int64) {
            self.sensor = sensor
            self.milliseconds = milliseconds
        }
    }

    private let readings: [Reading]
    private var statistics: [String: SensorStatistics] = [:]
    private var earlier: [Moment: (verdict: ReadingScore, value: Double)] = [:]

    init(_ readings: [Reading]) {
        self.readings = readings
    }

    /// Stores what is new, in one transaction; on an error nothing was stored and the connection is not used again.
    func store(on connection: PostgresConnection) throws(PostgresError) -> [ReadingScore] {
        var batch = self
        try batch.read(on: connection)
        let (scores, rows) = batch.score()
        try batch.write(rows, on: connection)
        return scores
    }

    /// Locks the sensors, in one order for everybody, and reads what is known of them and of these moments.
    private mutating func read(on connection: PostgresConnection) throws(PostgresError) {
        var (sensors, sensorOfMoment, times) = (
            PostgresArray(of: .text), PostgresArray(of: .text), PostgresArray(of: .time)
        )
        for sensor in Set(readings.map(\.sensorID)).sorted() { sensors.append(sensor) }
        for reading in readings {
            sensorOfMoment.append(reading.sensorID)
            times.append(PostgresTime.microseconds(reading.timestamp.rawValue))
        }
        let answers = try connection.pipeline([
            ("BEGIN", []), (Self.meetSensors, [sensors.parameter]), (Self.lockSensors, [sensors.parameter]),
            (Self.findMoments, [sensorOfMoment.parameter, times.parameter]),
        ])
        for row in answers[2] {
            statistics[try row.text(0)] = SensorStatistics(
                count: try row.double(1), mean: try row.double(2), variance: try row.double(3))
        }
        for row in answers[3] {
            let moment = Moment(
                sensor: try row.text(0), milliseconds: PostgresTime.milliseconds(try row.int8(1)))
            let verdict = ReadingScore(deviations: try row.double(2), isAnomaly: try row.bool(3), expected: nil)
            earlier[moment] = (verdict, try row.double(4))
        }
    }

    /// Scores one reading after the other; what is there already changes nothing.
    private mutating func score() -> (scores: [ReadingScore], new: [(Reading, ReadingScore)]) {
        var scores: [ReadingScore] = []
        var new: [(Reading, ReadingScore)] = []
        for reading in readings {
            var known = statistics[reading.sensorID] ?? SensorStatistics()
            var score = known.score(reading.value)
            if let (verdict, value) = earlier[Moment(reading)] {
                score.deviations = verdict.deviations
                score.isAnomaly = verdict.isAnomaly
                score.isContradiction = value != reading.value
            } else {
                known.add(reading.value)
                statistics[reading.sensorID] = known
                earlier[Moment(reading)] = (score, reading.value)
                new.append((reading, score))
            }
            scores.append(score)
        }
        return (scores, new)
    }

    private func write(_ rows: [(Reading, ReadingScore)], on connection: PostgresConnection) throws(PostgresError) {
        guard !rows.isEmpty else { return try connection.script("COMMIT") }
        var texts = (0..<4).map { _ in PostgresArray(of: .text) }
        var times = PostgresArray(of: .time)
        var numbers = (0..<2).map { _ in PostgresArray(of: .double) }
        var anomalies = PostgresArray(of: .bool)
        for (reading, score) in rows {
            texts[0].append(reading.sensorID)
            times.append(PostgresTime.microseconds(reading.timestamp.rawValue))
            numbers[0].append(reading.value)
            numbers[1].append(score.deviations)
            anomalies.append(score.isAnomaly)
            texts[1].append(reading.sensorType)
            texts[2].append(reading.tankID)
            if let unit = reading.unit { texts[3].append(unit) } else { texts[3].appendNull() }
        }
        var sensors = PostgresArray(of: .text)
        var parts = (0..<3).map { _ in PostgresArray(of: .double) }
        for sensor in Set(rows.map(\.0.sensorID)) {
            let known = statistics[sensor] ?? SensorStatistics()
            sensors.append(sensor)
            parts[0].append(known.count)
            parts[1].append(known.mean)
            parts[2].append(known.variance)
        }
        _ = try connection.pipeline([
            (
                Self.addReadings,
                [texts[0], times, numbers[0], numbers[1], anomalies, texts[1], texts[2], texts[3]].map(\.parameter)
            ),
            (Self.changeSensors, ([sensors] + parts).map(\.parameter)), ("COMMIT", []),
        ])
    }

    private static let meetSensors: PostgresStatement =
        "INSERT INTO taskqueue_sensors (sensor_id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING"
    private static let lockSensors: PostgresStatement = """
        SELECT sensor_id, count, mean, variance FROM taskqueue_sensors WHERE sensor_id = ANY ($1::text[])
        ORDER BY sensor_id FOR UPDATE
        """
    private static let findMoments: PostgresStatement = """
        SELECT r.sensor_id, r.read_at, r.deviations, r.anomaly, r.value
        FROM unnest($1::text[], $2::timestamptz[]) AS wanted (sensor_id, read_at)
            JOIN taskqueue_readings r USING (sensor_id, read_at)
        """
    private static let addReadings: PostgresStatement = """
        INSERT INTO taskqueue_readings (sensor_id, read_at, value, deviations, anomaly, sensor_type, tank_id, unit)
        SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::float8[], $4::float8[], $5::bool[], $6::text[],
            $7::text[], $8::text[])
        """
    private static let changeSensors: PostgresStatement = """
        UPDATE taskqueue_sensors s SET count = n.count, mean = n.mean, variance = n.variance
        FROM unnest($1::text[], $2::float8[], $3::float8[], $4::float8[]) AS n (sensor_id, count, mean, variance)
        WHERE s.sensor_id = n.sensor_id
        """
}
