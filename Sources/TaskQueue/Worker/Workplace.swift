import Logging

/// What all attempts of a worker have in common.
///
/// A class, because every attempt holds it: one reference to count instead of one for each part.
final class Workplace: Sendable {
    /// The worker's id.
    let worker: String
    let middleware: [any TaskMiddleware]
    let logger: Logger

    init(worker: String, middleware: [any TaskMiddleware], logger: Logger) {
        self.worker = worker
        self.middleware = middleware
        self.logger = logger
    }
}
