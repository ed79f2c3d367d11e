public import TaskQueue

/// What a sensor said at one moment.
public struct Reading: Hashable, Sendable {
    /// Which sensor.
    public var sensorID: String
    /// What it measures.
    public var sensorType: String
    /// The tank it hangs in.
    public var tankID: String
    /// The value; finite.
    public var value: Double
    /// When; a sensor says one thing at one moment.
    public var timestamp: Timestamp
    /// The unit, if known.
    public var unit: String?

    /// Describes a reading.
    public init(
        sensorID: String, sensorType: String, tankID: String, value: Double, timestamp: Timestamp, unit: String? = nil
    ) {
        self.sensorID = sensorID
        self.sensorType = sensorType
        self.tankID = tankID
        self.value = value
        self.timestamp = timestamp
        self.unit = unit
    }
}

/// How unusual a reading is for its sensor.
public struct ReadingScore: Hashable, Sendable {
    /// Distance from the mean in standard deviations; 0 while the sensor is too new to judge.
    public var deviations: Double
    /// Whether that is too far.
    public var isAnomaly: Bool
    /// Whether the sensor is known to have said something else at that moment; then this reading was not stored.
    public var isContradiction = false
    /// What the sensor said before; nil while it is too new to judge.
    public var expected: SensorStatistics?
}

/// Keeps readings and their sensors' statistics.
public protocol ReadingStore: Sendable {
    /// Stores readings in one transaction and scores each against its sensor's past.
    ///
    /// A reading whose sensor and time are there already changes nothing and gets the verdict it got then; with another
    /// value it is a contradiction.
    /// - Throws: `StoreError`; then nothing was stored.
    func store(_ readings: [Reading]) async throws(StoreError) -> [ReadingScore]
}
