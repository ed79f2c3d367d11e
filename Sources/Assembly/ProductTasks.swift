public import AsyncHTTPClient
import Inference
public import Logging
public import TaskQueue
import Tasks

/// The tasks that ship with TaskQueue, with what they need.
public enum ProductTasks {
    /// Makes the handlers.
    ///
    /// Models are loaded when first used, so a process that only submits needs none.
    /// Readings are kept where results are if that is PostgreSQL, else in a file.
    /// - Throws: `StoreError` if the readings can't be opened.
    public static func registry(
        _ settings: Settings, backend: Backend, http: HTTPClient, logger: Logger
    ) throws -> TaskRegistry {
        let readings: any ReadingStore =
            if let pool = backend.resultPool {
                PostgresReadingStore(pool, days: settings.readingsDays, logger: logger)
            } else {
                try SQLiteReadingStore(path: settings.readingsPath, days: settings.readingsDays)
            }
        return registry(settings, client: backend.client, http: http, readings: readings)
    }

    /// The same tasks for checking inputs only; they are never run.
    public static func inputs(_ settings: Settings, client: TaskClient) -> TaskRegistry {
        registry(settings, client: client, http: .shared, readings: NoReadings())
    }

    private static func registry(
        _ settings: Settings, client: TaskClient, http: HTTPClient, readings: any ReadingStore
    ) -> TaskRegistry {
        var registry = TaskRegistry()
        registry.register(
            PredictImage(
                models: ModelRegistry(folder: settings.modelsFolder),
                source: ImageSource(allowedPrefixes: settings.allowedImagePrefixes, http: http)))
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
