/// Asks again and again until the answer is yes; the limit is a safety net, not an expectation.
package func eventually(
    within limit: Duration = .seconds(60), _ what: String, _ isTrue: () async throws -> Bool
) async throws {
    let start = ContinuousClock.now
    var pause = Duration.milliseconds(5)
    while try await !isTrue() {
        guard start.duration(to: .now) < limit else {
            throw ServerProcess.Failure(description: "it did not come true within \(limit): \(what)")
        }
        try await Task.sleep(for: pause)
        // Many questions are a process of their own; asked without a rest they would slow down what they wait for.
        pause = min(pause * 1.5, .milliseconds(30))
    }
}
