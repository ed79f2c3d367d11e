import Blocking

/// Submits tasks and asks after them.
public struct TaskClient: Sendable {
    let broker: any TaskBroker
    let results: any ResultStore
    let middleware: [any TaskMiddleware]

    /// How long a wait goes without looking, should a notification have been missed.
    static let lookInterval = Duration.seconds(1)

    /// Makes a client over a broker and the result store that its workers write to.
    public init(broker: any TaskBroker, results: any ResultStore, middleware: [any TaskMiddleware] = []) {
        self.broker = broker
        self.results = results
        self.middleware = middleware
    }

    /// Submits one task.
    /// - Returns: A receipt; if the task was a duplicate, that of the one already there.
    /// - Throws: `PayloadError` if the input can't be written as JSON, `EnqueueReceipt.Refusal` if a limit forbids it,
    ///   `StoreError` if the broker can't take it. After a throw nothing was enqueued, except that a broker which fell
    ///   silent may have accepted it: submit again with the same ``TaskOptions/id``.
    @discardableResult
    public func enqueue<Handler: TaskHandler>(
        _ handler: Handler.Type, _ input: Handler.Input, _ options: TaskOptions = TaskOptions()
    ) async throws -> TaskReceipt<Handler.Output> {
        let payload = try PayloadCodec.encode(input)
        return try await enqueueOne(
            TaskMessage(task: Handler.name, policy: Handler.policy, payload: payload, options: options))
    }

    /// Submits one task of a batch handler.
    /// - Throws: As for one task of an ordinary handler.
    @discardableResult
    public func enqueue<Handler: BatchTaskHandler>(
        _ handler: Handler.Type, _ input: Handler.Input, _ options: TaskOptions = TaskOptions()
    ) async throws -> TaskReceipt<Handler.Output> {
        let payload = try PayloadCodec.encode(input)
        return try await enqueueOne(
            TaskMessage(task: Handler.name, policy: Handler.policy, payload: payload, options: options))
    }

    /// Submits many tasks in one atomic move.
    /// - Returns: One receipt per input, in order; a limit may refuse some.
    /// - Throws: `PayloadError` or `StoreError`; then none was enqueued.
    @discardableResult
    public func enqueue<Handler: TaskHandler>(
        _ handler: Handler.Type, all inputs: [Handler.Input], _ options: TaskOptions = TaskOptions()
    ) async throws -> [EnqueueReceipt] {
        try await enqueue(
            inputs.map {
                let payload = try PayloadCodec.encode($0)
                return TaskMessage(task: Handler.name, policy: Handler.policy, payload: payload, options: options)
            })
    }

    /// Submits many tasks for a batch handler in one atomic move.
    /// - Returns: One receipt per input, in order; a limit may refuse some.
    /// - Throws: `PayloadError` or `StoreError`; then none was enqueued.
    @discardableResult
    public func enqueue<Handler: BatchTaskHandler>(
        _ handler: Handler.Type, all inputs: [Handler.Input], _ options: TaskOptions = TaskOptions()
    ) async throws -> [EnqueueReceipt] {
        try await enqueue(
            inputs.map {
                let payload = try PayloadCodec.encode($0)
                return TaskMessage(task: Handler.name, policy: Handler.policy, payload: payload, options: options)
            })
    }

    /// Submits ready-made messages in one atomic move, through the middleware.
    /// - Throws: `StoreError`, or what a middleware throws; then none was enqueued.
    public func enqueue(_ messages: [TaskMessage]) async throws -> [EnqueueReceipt] {
        try await enqueue(messages, through: middleware[...])
    }

    private func enqueueOne<Output>(_ message: TaskMessage) async throws -> TaskReceipt<Output> {
        switch try await enqueue([message]).first {
        case .accepted(let id): TaskReceipt(id: id, isDuplicate: false, client: self)
        case .duplicate(let id): TaskReceipt(id: id, isDuplicate: true, client: self)
        case .refused(let refusal): throw refusal
        case nil: throw StoreError(.incompatible, "the broker gave no receipt for a message")
        }
    }

    private func enqueue(
        _ messages: [TaskMessage], through rest: ArraySlice<any TaskMiddleware>
    ) async throws -> [EnqueueReceipt] {
        guard let first = rest.first else { return try await broker.enqueue(messages) }
        return try await first.enqueue(messages) { try await enqueue($0, through: rest.dropFirst()) }
    }
}
