package import TaskQueue

extension Worker {
    /// Runs beside a test's body and drains at the end, whatever the end is.
    package func run(during body: () async throws -> Void) async throws {
        async let running: Void = run()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        handBackNow()
        await running
        try result.get()
    }
}
