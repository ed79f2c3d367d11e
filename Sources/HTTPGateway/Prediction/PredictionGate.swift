import Synchronization

/// Lets a bounded number of pictures in, and none while the model is broken.
final class PredictionGate: Sendable {
    private struct State {
        var inside = 0
        var breaker = CircuitBreaker()
    }

    private let state = Mutex(State())
    private let most: Int

    /// - Parameter most: Pictures that may be inside at once, those that wait for a thread among them.
    init(most: Int) {
        self.most = most
    }

    /// Runs a prediction if there is room.
    /// - Parameter insisting: Whether the caller wants a version of its own choice. How that goes says nothing about the
    ///   version in force: it neither asks the breaker nor counts for it.
    /// - Throws: `Problem`, or what the prediction throws.
    func run<Value: Sendable>(insisting: Bool = false, _ body: () async throws -> Value) async throws -> Value {
        try enter(insisting)
        do {
            let value = try await body()
            leave(insisting, success: true)
            return value
        } catch let error as PredictionError {
            // A bad picture says nothing about the model.
            leave(insisting, success: error.cause != .broken)
            throw error
        } catch {
            leave(insisting, success: false)
            throw error
        }
    }

    private func enter(_ insisting: Bool) throws {
        try state.withLock { state in
            guard state.inside < most else {
                throw Problem(
                    .tooManyRequests, "\(most) pictures are being classified; try again, or submit predict_image tasks",
                    retryAfter: .seconds(1))
            }
            if !insisting, let wait = state.breaker.admit(at: .now) {
                throw Problem(.unavailable, "the model keeps failing; it is tried again later", retryAfter: wait)
            }
            state.inside += 1
        }
    }

    private func leave(_ insisting: Bool, success: Bool) {
        state.withLock { state in
            state.inside -= 1
            if !insisting { state.breaker.note(success: success, at: .now) }
        }
    }
}
