/// The life of what one slot was given, from top to bottom: judge, run, tell causes apart.
///
/// A plain struct on no actor, so that handlers run where their policy says and nowhere else.
struct Attempt: Sendable {
    typealias SingleBody = RegisteredTask.SingleBody
    typealias BatchBody = RegisteredTask.BatchBody

    let task: RegisteredTask
    let control: AttemptControl
    /// By the store's clock; nil if nothing in it expires.
    let startedAt: Timestamp?
    let workplace: Workplace

    /// Runs every delivery that can be run and says what each came to, in their order.
    /// - Parameter task: What it runs in, if that has run another attempt before.
    func run(in task: Task<Void, Never>?) async -> [Outcome] {
        // It may have been stopped, or given up, while it waited for a thread.
        guard control.begin(in: task) else { return control.deliveries.map { _ in Self.outcome(ofAbandoned: control) } }
        switch self.task.body {
        case .single(let body):
            var outcomes: [Outcome] = []
            outcomes.reserveCapacity(control.deliveries.count)
            for delivery in control.deliveries { outcomes.append(await run(delivery, body)) }
            return outcomes
        case .batch(let body): return await run(body)
        }
    }

    private func run(_ delivery: Delivery, _ body: @escaping SingleBody) async -> Outcome {
        if let refusal = refusal(of: delivery) { return refusal }
        let context = context(delivery)
        do {
            return .succeeded(try await runSingle(body, context, workplace.middleware[...]))
        } catch {
            return outcome(of: error)
        }
    }

    private func run(_ body: @escaping BatchBody) async -> [Outcome] {
        let refusals = control.deliveries.map(refusal)
        let contexts = zip(control.deliveries, refusals).compactMap { $1 == nil ? context($0) : nil }
        var outcomes: [Outcome] = []
        do {
            let results = contexts.isEmpty ? [] : try await runBatch(body, contexts, workplace.middleware[...])
            outcomes = results.map { result in
                switch result {
                case .success(let output): .succeeded(output)
                case .failure(let error): outcome(of: error)
                }
            }
        } catch {
            outcomes = contexts.map { _ in outcome(of: error) }
        }
        var next = outcomes.makeIterator()
        return refusals.map { $0 ?? next.next() ?? .interrupted }
    }

    /// What must not run is told apart before any of the handler's code is reached.
    private func refusal(of delivery: Delivery) -> Outcome? {
        if let damage = delivery.damage {
            return .quarantined(TaskFailure(.quarantined, damage.description))
        }
        if delivery.isCancelled { return .cancelled }
        // It may have expired while it waited for this slot.
        if startedAt.map(delivery.isExpired(at:)) ?? delivery.isExpired { return .expired }
        guard delivery.deaths >= delivery.message.deathLimit else { return nil }
        return .quarantined(TaskFailure(.quarantined, "\(delivery.deaths) workers died while they held it"))
    }

    private func context(_ delivery: Delivery) -> TaskContext {
        TaskContext(
            delivery: delivery, maxAttempts: delivery.message.attemptsMax(under: task.policy),
            workplace: workplace, control: control)
    }

    private func runSingle(
        _ body: @escaping SingleBody, _ context: TaskContext, _ rest: ArraySlice<any TaskMiddleware>
    ) async throws -> [UInt8] {
        guard let first = rest.first else { return try await body(context.delivery.message.payload, context) }
        return try await first.run(context) { try await runSingle(body, context, rest.dropFirst()) }
    }

    private func runBatch(
        _ body: @escaping BatchBody, _ contexts: [TaskContext], _ rest: ArraySlice<any TaskMiddleware>
    ) async throws -> [Result<[UInt8], any Error>] {
        guard let first = rest.first else { return try await body(contexts.map(\.delivery.message.payload), contexts) }
        return try await first.runBatch(BatchContext(items: contexts)) {
            try await runBatch(body, contexts, rest.dropFirst())
        }
    }

    /// An error is read in the light of a request to stop; a success counts even if it came after one.
    private func outcome(of error: any Error) -> Outcome {
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

    /// What an attempt comes to that was told to stop, and given up because it did not.
    static func outcome(ofAbandoned control: AttemptControl) -> Outcome {
        switch control.cause {
        case .cancelled: .cancelled
        case .shutdown: .interrupted
        case .leaseLost: .leaseLost
        case .timedOut, nil: .timedOut(timeout(control, stopped: false))
        }
    }

    private static func timeout(_ control: AttemptControl, stopped: Bool) -> TaskFailure {
        let limit = stopped ? control.softLimit : control.hardLimit
        let what = stopped ? "stopped at its time limit of" : "did not stop and was abandoned at its hard time limit of"
        return TaskFailure(.timedOut, "\(what) \(limit)")
    }
}
