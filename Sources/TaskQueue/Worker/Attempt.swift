import Logging

/// The life of what one slot was given, from top to bottom: judge, run, tell causes apart.
///
/// A plain struct on no actor, so that handlers run where their policy says and nowhere else.
struct Attempt: Sendable {
    let task: RegisteredTask
    let control: AttemptControl
    let worker: String
    let middleware: [any TaskMiddleware]
    let logger: Logger

    /// Runs every delivery that can be run and says what each came to, in their order.
    func run() async -> [Outcome] {
        let judged = control.deliveries.map(judge)
        let contexts = judged.compactMap { try? $0.get() }
        let results = contexts.isEmpty ? [] : await perform(contexts)
        var outcomes = zip(contexts, results).map(classify).makeIterator()
        return judged.map { judgement in
            switch judgement {
            case .success: outcomes.next() ?? .interrupted
            case .failure(let refused): refused.outcome
            }
        }
    }

    private struct Refused: Error {
        let outcome: Outcome
    }

    /// What must not run is told apart before any of the handler's code is reached.
    private func judge(_ delivery: Delivery) -> Result<TaskContext, Refused> {
        let message: TaskMessage
        switch delivery.content {
        case .failure(let error):
            return .failure(Refused(outcome: .quarantined(TaskFailure(.quarantined, error.description))))
        case .success(let decoded):
            message = decoded
        }
        if delivery.isCancelled { return .failure(Refused(outcome: .cancelled)) }
        if delivery.isExpired { return .failure(Refused(outcome: .expired)) }
        if delivery.deaths >= message.deathLimit {
            let failure = TaskFailure(.quarantined, "\(delivery.deaths) workers died while they held it")
            return .failure(Refused(outcome: .quarantined(failure)))
        }
        return .success(
            TaskContext(
                message: message, attempt: delivery.attempt,
                maxAttempts: 1 + max(0, message.maxRetries ?? task.policy.retry.maxRetries), fence: delivery.fence,
                enqueuedAt: delivery.enqueuedAt, worker: worker, control: control, baseLogger: logger))
    }

    private func perform(_ contexts: [TaskContext]) async -> [Result<[UInt8], any Error>] {
        do {
            switch task.body {
            case .single(let body):
                guard let context = contexts.first else { return [] }
                return [.success(try await runSingle(body, context, middleware[...]))]
            case .batch(let body):
                return try await runBatch(body, contexts, middleware[...])
            }
        } catch {
            return contexts.map { _ in .failure(error) }
        }
    }

    private func runSingle(
        _ body: @escaping @Sendable ([UInt8], TaskContext) async throws -> [UInt8], _ context: TaskContext,
        _ rest: ArraySlice<any TaskMiddleware>
    ) async throws -> [UInt8] {
        guard let first = rest.first else { return try await body(context.message.payload, context) }
        return try await first.run(context) { try await runSingle(body, context, rest.dropFirst()) }
    }

    private func runBatch(
        _ body: @escaping @Sendable ([[UInt8]], [TaskContext]) async throws -> [Result<[UInt8], any Error>],
        _ contexts: [TaskContext], _ rest: ArraySlice<any TaskMiddleware>
    ) async throws -> [Result<[UInt8], any Error>] {
        guard let first = rest.first else { return try await body(contexts.map(\.message.payload), contexts) }
        return try await first.runBatch(BatchContext(items: contexts)) {
            try await runBatch(body, contexts, rest.dropFirst())
        }
    }

    /// A success counts even if it came after a request to stop; an error is read in the light of that request.
    private func classify(_ context: TaskContext, _ result: Result<[UInt8], any Error>) -> Outcome {
        let error: any Error
        switch result {
        case .success(let output): return .succeeded(output)
        case .failure(let thrown): error = thrown
        }
        switch control.cause {
        case .cancelled: return .cancelled
        case .shutdown: return .interrupted
        case .leaseLost: return .leaseLost
        case .timedOut: return .timedOut(Self.timeout(control, stopped: true))
        case nil: break
        }
        if let error = error as? PayloadError {
            return .quarantined(TaskFailure(.quarantined, error.description, type: "PayloadError"))
        }
        return .failed(TaskFailure(error), task.decide(error))
    }

    static func timeout(_ control: AttemptControl, stopped: Bool) -> TaskFailure {
        let limit = (stopped ? control.softDeadline : control.hardDeadline) - control.startedAt
        let what = stopped ? "stopped at its time limit of" : "did not stop and was abandoned at its hard time limit of"
        return TaskFailure(.timedOut, "\(what) \(limit)")
    }
}
