/// A handler with its types folded away, so that the worker and the tools can hold many kinds of them.
///
/// A class, because every attempt holds one.
public final class RegisteredTask: Sendable {
    /// The task's name.
    public let name: String
    /// How it is treated.
    public let policy: TaskPolicy
    /// The most that one run is given; 1 for a handler that takes one.
    public let batchSizeMax: Int

    /// Checks that bytes decode as the task's input.
    let validate: @Sendable ([UInt8]) throws(PayloadError) -> Void
    let body: Body
    let decide: @Sendable (any Error) -> RetryDecision

    typealias SingleBody = @Sendable ([UInt8], TaskContext) async throws -> [UInt8]
    typealias BatchBody = @Sendable ([[UInt8]], [TaskContext]) async throws -> [Result<[UInt8], any Error>]

    enum Body: Sendable {
        case single(SingleBody)
        case batch(BatchBody)
    }

    init<Handler: TaskHandler>(_ handler: Handler) {
        name = Handler.name
        policy = Handler.policy
        batchSizeMax = 1
        validate = { bytes throws(PayloadError) in _ = try PayloadCodec.decode(Handler.Input.self, from: bytes) }
        decide = { handler.decide($0) }
        body = .single { payload, context in
            let input = try PayloadCodec.decode(Handler.Input.self, from: payload)
            let output = try await handler.run(input, context)
            return try encoded(output, context)
        }
    }

    init<Handler: BatchTaskHandler>(batch handler: Handler, policy: TaskPolicy? = nil, batchSizeMax: Int? = nil) {
        name = Handler.name
        self.policy = policy ?? Handler.policy
        self.batchSizeMax = max(1, batchSizeMax ?? Handler.batchSizeMax)
        validate = { bytes throws(PayloadError) in _ = try PayloadCodec.decode(Handler.Input.self, from: bytes) }
        decide = { handler.decide($0) }
        body = .batch { payloads, contexts in
            try await BatchRun(handler).run(payloads, contexts)
        }
    }
}

/// A result that can't be kept is the handler's fault, and another try would find the same; the input was right.
private func encoded(_ output: some Encodable, _ context: TaskContext) throws -> [UInt8] {
    guard context.delivery.message.resultRetention > .zero else { return [] }
    do {
        return try PayloadCodec.encode(output)
    } catch {
        throw GiveUp("the result can't be kept: \(error)")
    }
}

/// Decodes a batch, runs what decoded, and puts every outcome back in its place.
private struct BatchRun<Handler: BatchTaskHandler>: Sendable {
    let handler: Handler

    init(_ handler: Handler) {
        self.handler = handler
    }

    func run(_ payloads: [[UInt8]], _ contexts: [TaskContext]) async throws -> [Result<[UInt8], any Error>] {
        let decoded = payloads.map { payload in
            Result { try PayloadCodec.decode(Handler.Input.self, from: payload) }
        }
        var inputs: [Handler.Input] = []
        var kept: [TaskContext] = []
        for (result, context) in zip(decoded, contexts) {
            guard case .success(let input) = result else { continue }
            inputs.append(input)
            kept.append(context)
        }
        let outputs = inputs.isEmpty ? [] : try await handler.run(inputs, BatchContext(items: kept))
        guard outputs.count == inputs.count else {
            throw GiveUp(
                "\(Handler.name) returned \(outputs.count) outcomes for \(inputs.count) inputs; "
                    + "a batch handler must return one per input")
        }
        var outcomes = outputs.makeIterator()
        return zip(decoded, contexts).map { input, context in
            input.flatMap { _ in
                guard let outcome = outcomes.next() else { return .failure(CancellationError()) }
                return outcome.flatMap { output in Result { try encoded(output, context) } }
            }
        }
    }
}
