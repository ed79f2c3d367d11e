public import AsyncHTTPClient
import Blocking
import Foundation
import Inference
public import Logging
public import TaskQueue
public import Tasks

/// The tasks that ship with TaskQueue, with what they need.
public enum ProductTasks {
    /// Makes the handlers.
    ///
    /// Models are loaded when first used, but for those that `models.preload` names. Readings are kept where results are
    /// if that is PostgreSQL, else in a file.
    /// - Throws: `StoreError` if the readings can't be opened, `InferenceError` if a model can't be preloaded.
    public static func registry(
        _ settings: Settings, backend: Backend, http: HTTPClient, logger: Logger
    ) async throws -> TaskRegistry {
        let predictor = predictor(settings, logger: logger)
        let threads = settings.images.threads
        let pool = BlockingPool(
            label: "tq-images", threads: threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount)
        let names = settings.modelsPreloaded
        try await pool.run(throwing: { () throws(InferenceError) in try predictor.warmUp(names) })
        let readings: any ReadingStore =
            if let pool = backend.resultPool {
                PostgresReadingStore(pool, days: settings.readingsDays, logger: logger)
            } else {
                try SQLiteReadingStore(path: settings.readingsPath, days: settings.readingsDays)
            }
        return registry(
            settings, client: backend.client, http: http, readings: readings, predictor: predictor, pool: pool)
    }

    /// The same tasks for checking inputs only; they are never run.
    public static func inputs(_ settings: Settings, client: TaskClient) -> TaskRegistry {
        let quiet = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        return registry(
            settings, client: client, http: .shared, readings: NoReadings(),
            predictor: predictor(settings, logger: quiet), pool: BlockingPool(label: "tq-images", threads: 1))
    }

    /// What answers for pictures, by the task and by whoever else asks; nothing is loaded yet.
    public static func predictor(_ settings: Settings, logger: Logger) -> Predictor {
        Predictor(
            models: ModelRegistry(
                folder: settings.modelsFolder, bytesMax: settings.modelBytesMax,
                report: PredictionMetrics.reporter(logger)),
            model: settings.modelName,
            cache: PredictionCache(bytesMax: settings.images.cacheBytesMax, lifetime: settings.images.cacheLifetime))
    }

    private static func registry(
        _ settings: Settings, client: TaskClient, http: HTTPClient, readings: any ReadingStore, predictor: Predictor,
        pool: BlockingPool
    ) -> TaskRegistry {
        var registry = TaskRegistry()
        var policy = PredictImage.policy
        policy.softTimeLimit = settings.images.timeLimit
        policy.hardTimeLimit = settings.images.timeLimit + TaskPolicy.graceAfterSoftLimit
        let source = ImageSource(allowedPrefixes: settings.images.allowedPrefixes, http: http)
        registry.register(
            batch: PredictImage(predictor: predictor, source: source, pool: pool), policy: policy,
            batchSizeMax: settings.images.batchSize)
        registry.register(batch: StoreSensorData(readings: readings, client: client))
        let webhooks = settings.webhooks.map { WebhookChannel(url: $0, http: http) as any AlertChannel }
        registry.register(SendAlert(channels: [ConsoleChannel()] + webhooks))
        return registry
    }
}

/// Stands in where inputs are only checked.
private struct NoReadings: ReadingStore {
    func store(_ readings: [Reading]) async throws(StoreError) -> [ReadingScore] {
        throw StoreError(.invalidRequest, "this process only submits readings")
    }
}
