import Logging
import ServiceLifecycle

/// A service that is cancelled if it has not ended so long after it was asked to.
///
/// Its end is then still an orderly one: the services that end after it are asked to, as if it had ended by itself.
struct BoundedShutdown: Service {
    let service: any Service
    let limit: Duration
    let logger: Logger

    func run() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await service.run()
                return true
            }
            group.addTask {
                try await gracefulShutdown()
                try await Task.sleep(for: limit)
                return false
            }
            let hasEnded = try await group.next() ?? true
            group.cancelAll()
            guard !hasEnded else { return }
            logger.warning("requests in progress took too long to end, and were broken off")
            // That it was cancelled is all it can say.
            _ = await group.nextResult()
        }
    }
}
