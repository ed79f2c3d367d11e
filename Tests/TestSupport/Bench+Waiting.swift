package import TaskQueue

extension Bench {
    package var client: TaskClient { TaskClient(broker: broker, results: results) }

    /// Waits, told by the stores, until a task is as a test wants it.
    package func reach(_ id: TaskID, where isReached: (TaskRecord) -> Bool) async throws -> TaskRecord {
        let (news, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let subscriptions = [results.onResult(of: [id]) { ring.yield() }, broker.onWork { ring.yield() }]
        defer { for subscription in subscriptions { subscription.end() } }
        ring.yield()
        for await _ in news {
            if let record = try await client.status(id), isReached(record) { return record }
        }
        throw CancellationError()
    }

    /// Waits for a task's first attempt that did not end it; nil if the first attempt was the last.
    ///
    /// Not its state: a wait drawn from zero upwards may be over before anyone looks.
    package func firstFailure(of id: TaskID) async throws -> AttemptRecord? {
        try await reach(id) { !$0.history.isEmpty || $0.state.isFinal }.history.first
    }

    /// Moves the store's clock and tells whoever waits for something to fall due.
    package func passTime(_ duration: Duration) async throws {
        clock.advance(by: duration)
        try await broker.setPaused(false, queue: "default")
    }
}
