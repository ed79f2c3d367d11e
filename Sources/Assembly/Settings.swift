import Embedded
public import Logging
public import Monitoring
public import TaskQueue

/// Everything that can be configured, read and judged.
///
/// Precedence: flag, environment (`TASKQUEUE_` and the key in capitals, dots as underscores), file, default.
/// `config/taskqueue.yaml` lists every key with its meaning.
public struct Settings: Sendable {
    /// `broker.url`: where tasks wait.
    public var brokerURL = "sqlite:taskqueue.sqlite"
    /// `broker.payload_bytes_max`, `broker.queue_length_max`: what the broker refuses.
    public var limits = BrokerLimits()
    /// `results.url`: where results are kept; the broker's file if absent.
    public var resultsURL: String?
    /// `results.bytes_max`: disk space beyond which PostgreSQL's oldest results go; nil for any.
    public var resultsBytesMax: Int64?
    /// `sqlite.synchronous`: `normal` or `full`.
    public var durability = "normal"
    /// `worker.*`: how a worker works.
    public var worker = WorkerConfiguration()
    /// `worker.health_listen`: where `/livez`, `/readyz` and `/metrics` are served; nil for nowhere.
    public var healthListen: ListenAddress?
    /// `models.folder`: where models are.
    public var modelsFolder = "models"
    /// `models.name`: the model that classifies pictures.
    public var modelName = "fish"
    /// `models.preload`: what is loaded at start, as `name` or `name/version`.
    public var modelsPreloaded: [String] = []
    /// `models.memory_bytes_max`: about what all loaded models may keep in memory.
    public var modelBytesMax = 1 << 30
    /// `images.*`: how pictures are fetched and classified.
    public var images = ImageSettings()
    /// `sensors.path`: the file that keeps readings.
    public var readingsPath = "readings.sqlite"
    /// `sensors.retention_days`: how long readings are kept.
    public var readingsDays = 90
    /// `alerts.webhooks`: where alerts are posted besides the log.
    public var webhooks: [String] = []
    /// `fleet.*`: how many worker processes there are, and how long one lives.
    public var fleet = FleetSettings()
    /// `autoscale.*`: what the number of workers is computed from.
    public var scaling = ScalingSettings()
    /// `gateway.*` and `auth.*`: how a gateway serves, and whom.
    public var gateway = GatewaySettings()
    /// `telemetry.otlp_endpoint`: where spans go, as `http://127.0.0.1:4318`; nowhere if absent.
    public var otlpEndpoint: String?
    /// `log.level`, shared by every logger made from these settings.
    public let logThreshold = LogThreshold(.info)
    /// `log.format`: `text` or `json`.
    public var logFormat = "text"

    /// Every key there is.
    public static let keys = ImageSettings.keys.union([
        "broker.url", "broker.payload_bytes_max", "broker.queue_length_max", "results.url", "results.bytes_max",
        "sqlite.synchronous", "worker.name", "worker.queues", "worker.concurrency",
        "worker.concurrency_min", "worker.threads",
        "worker.lease_seconds", "worker.grace_seconds", "worker.stop_seconds", "worker.health_listen", "models.folder",
        "models.name",
        "models.preload", "models.memory_bytes_max", "sensors.path", "sensors.retention_days", "alerts.webhooks",
        "telemetry.otlp_endpoint", "log.level", "log.format",
    ]).union(GatewaySettings.keys).union(FleetSettings.keys).union(ScalingSettings.keys)

    /// The defaults.
    public init() {}

    /// Reads all keys.
    /// - Throws: `SettingsError` with every complaint.
    init(layers: [SettingsLayer]) throws(SettingsError) {
        var reading = SettingsReading(layers)
        brokerURL = reading.text("broker.url", brokerURL)
        limits.payloadBytesMax = reading.number("broker.payload_bytes_max", 1...1 << 30, limits.payloadBytesMax)
        let queueLength = reading.number("broker.queue_length_max", 0...Int.max, 0)
        limits.queueLengthMax = queueLength == 0 ? nil : queueLength
        resultsURL = reading.optionalText("results.url")
        let resultsBytes = reading.number("results.bytes_max", 0...Int.max, 0)
        resultsBytesMax = resultsBytes == 0 ? nil : Int64(resultsBytes)
        durability = reading.choice("sqlite.synchronous", SQLiteFile.Durability.allCases.map(\.rawValue), durability)
        worker.name = reading.text("worker.name", worker.name)
        let queues = reading.list("worker.queues")
        worker.queues = queues.isEmpty ? nil : Set(queues)
        worker.concurrency = reading.number("worker.concurrency", 1...4096, worker.concurrency)
        let slotsMin = reading.number("worker.concurrency_min", 0...4096, 0)
        if slotsMin > worker.concurrency {
            reading.complain("worker.concurrency_min", "must not be more than worker.concurrency")
        }
        worker.concurrencyMin = slotsMin > 0 ? slotsMin : nil
        worker.threads = reading.number("worker.threads", 1...512, worker.threads)
        worker.leaseDuration = .seconds(reading.number("worker.lease_seconds", 1...3600, 10))
        worker.grace = .seconds(reading.number("worker.grace_seconds", 0...86_400, 25))
        worker.stopTimeout = .seconds(reading.number("worker.stop_seconds", 0...3600, 5))
        if let text = reading.optionalText("worker.health_listen"), !text.isEmpty {
            healthListen = ListenAddress(text)
            if healthListen == nil { reading.complain("worker.health_listen", "must be HOST:PORT, as 127.0.0.1:9100") }
        }
        modelsFolder = reading.text("models.folder", modelsFolder)
        modelName = reading.text("models.name", modelName)
        modelsPreloaded = reading.list("models.preload")
        modelBytesMax = reading.number("models.memory_bytes_max", 1...1 << 48, modelBytesMax)
        images = ImageSettings(&reading)
        readingsPath = reading.text("sensors.path", readingsPath)
        readingsDays = reading.number("sensors.retention_days", 1...36_500, readingsDays)
        webhooks = reading.list("alerts.webhooks")
        scaling = ScalingSettings(&reading)
        gateway = GatewaySettings(&reading)
        fleet = FleetSettings(&reading)
        otlpEndpoint = reading.filled("telemetry.otlp_endpoint")
        if let otlpEndpoint, !otlpEndpoint.hasPrefix("http://"), !otlpEndpoint.hasPrefix("https://") {
            reading.complain("telemetry.otlp_endpoint", "must begin with http:// or https://")
        }
        logFormat = reading.choice("log.format", ["text", "json"], logFormat)
        let level = reading.choice("log.level", Logger.Level.allCases.map(\.rawValue), logThreshold.level.rawValue)
        logThreshold.level = Logger.Level(rawValue: level) ?? .info
        for webhook in webhooks where !webhook.hasPrefix("https://") && !webhook.hasPrefix("http://") {
            reading.complain("alerts.webhooks", "every entry must begin with https:// or http://")
        }
        reading.check(url: brokerURL, "broker.url")
        if let resultsURL { reading.check(url: resultsURL, "results.url") }
        guard reading.complaints.isEmpty else { throw SettingsError(Array(Set(reading.complaints)).sorted()) }
    }
}

/// Says no key's value: services that hold settings are written into debug logs, and some values are secrets.
extension Settings: CustomStringConvertible, CustomDebugStringConvertible {
    /// What it is.
    public var description: String { "Settings" }
    /// The same.
    public var debugDescription: String { description }
}

extension Settings {
    /// What is in force, for the log; addresses that may hold secrets are cut to their scheme.
    public var effective: Logger.Metadata {
        [
            "broker.url": "\(StoreURL.masked(brokerURL))",
            "results.url": "\(resultsURL.map(StoreURL.masked) ?? "the broker's")",
            "sqlite.synchronous": "\(durability)", "worker.concurrency": "\(worker.concurrency)",
            "worker.threads": "\(worker.threads)", "worker.lease": "\(worker.leaseDuration)",
            "broker.payload_bytes_max": "\(limits.payloadBytesMax)",
            "broker.queue_length_max": "\(limits.queueLengthMax ?? 0)", "log.level": "\(logThreshold.level)",
            "telemetry.otlp_endpoint": "\(otlpEndpoint ?? "off")",
            "worker.health_listen": "\(healthListen?.description ?? "off")",
            "worker.grace": "\(worker.grace)", "worker.queues": "\(worker.queues?.sorted() ?? ["all"])",
            "models.folder": "\(modelsFolder)", "models.name": "\(modelName)", "models.preload": "\(modelsPreloaded)",
            "models.memory_bytes_max": "\(modelBytesMax)", "images.threads": "\(images.threads)",
            "images.batch_size": "\(images.batchSize)", "images.cache_bytes_max": "\(images.cacheBytesMax)",
            "alerts.webhooks": "\(webhooks.count)", "autoscale.target_wait": "\(scaling.targetWait)",
            "autoscale.tasks_per_worker": "\(scaling.tasksPerWorker ?? 0)",
        ]
    }
}
