import Blocking
import TestSupport
import Testing

@testable import Monitoring

@Suite("Work that may be left behind", .timeLimit(.minutes(1)))
struct AbandonableTests {
    private let thread = BlockingPool(label: "test", threads: 1)

    private struct Broken: Error {}

    @Test("holds nobody up who told it to end")
    func stuck() async throws {
        let (started, release) = (Signal(), Signal())
        let work = Abandonable(on: thread) {
            started.fire()
            // Deaf to cancellation.
            await release.wait()
        }
        let waiting = Task { try await work.run(patience: .milliseconds(1)) }
        await started.wait()
        waiting.cancel()
        try await waiting.value
        release.fire()
    }

    @Test("is waited for if it ends when told, and its error is heard")
    func ends() async throws {
        let started = Signal()
        let work = Abandonable(on: thread) {
            started.fire()
            try await Task.sleep(for: .seconds(600))
        }
        let waiting = Task { try await work.run(patience: .seconds(50)) }
        await started.wait()
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        await #expect(throws: Broken.self) {
            try await Abandonable(on: thread) { throw Broken() }.run(patience: .seconds(50))
        }
    }
}
