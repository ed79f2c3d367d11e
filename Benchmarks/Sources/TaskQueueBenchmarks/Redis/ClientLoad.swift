import Redis

/// Callers who each await every reply before they send again, through one client.
struct ClientLoad {
    let client: RedisClient
    let callers: Int

    /// Commands per second.
    /// - Parameter pipeline: How many commands each caller sends before it waits.
    func rate(_ commands: Int, pipeline: Int, _ command: RedisCommand) async throws -> Double {
        let rounds = commands / callers / pipeline
        let batch = Array(repeating: command, count: pipeline)
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<callers {
                group.addTask {
                    for _ in 0..<rounds {
                        if pipeline == 1 {
                            _ = try await client.send(command)
                        } else {
                            _ = try await client.pipeline(batch)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        return Double(rounds * callers * pipeline) / (start.duration(to: .now) / .seconds(1))
    }
}
