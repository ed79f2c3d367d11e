import ArgumentParser
import Assembly
import Inference
import TaskQueue
import Testing

@Suite("The exit status")
struct ExitStatusTests {
    private static let id = TaskID()

    private static func model(_ code: InferenceError.Code) -> InferenceError {
        InferenceError(code, what: "load", place: "fish", cause: "no", remedy: "none")
    }

    @Test(
        "says what kind of trouble it was",
        arguments: [
            (SettingsError("no"), 64),
            (PayloadError(field: "a", problem: "is missing"), 65),
            (EnqueueReceipt.Refusal.payloadTooLarge(bytes: 2, limit: 1), 65),
            (SubmissionError.badInput(task: "t", PayloadError(field: "a", problem: "is missing")), 65),
            (model(.modelCorrupt), 65),
            (SubmissionError.unknownTask("t", known: []), 66),
            (FileMissing(path: "/no"), 66), (WaitError.notFound(id), 66),
            (NoWorker(ids: ["w"]), 66),
            (model(.modelMissing), 66),
            (StoreError(.unavailable, "no"), 69), (StoreError(.busy, "no"), 69), (StoreError(.full, "no"), 69),
            (StoreError(.readOnly, "no"), 69), (StoreError(.incompatible, "no"), 69), (CancellationError(), 69),
            (WaitError.timedOut(id, .pending), 75),
        ] as [(any Error & Sendable, Int32)])
    func codes(_ error: any Error & Sendable, _ code: Int32) async {
        #expect(ExitStatus(error).rawValue == code)
        let thrown = await #expect(throws: ExitCode.self) { try await ExitStatus.reporting { throw error } }
        #expect(thrown?.rawValue == code)
    }

    @Test("is what a command that ran to its end says, and nothing is thrown for 0")
    func results() async throws {
        try await ExitStatus.reporting { .done }
        let failed = await #expect(throws: ExitCode.self) { try await ExitStatus.reporting { .taskFailed } }
        #expect(failed?.rawValue == 1)
    }

    @Test("of a command's own choice is kept")
    func own() async {
        let thrown = await #expect(throws: ExitCode.self) {
            try await ExitStatus.reporting { throw ExitCode(3) }
        }
        #expect(thrown?.rawValue == 3)
    }
}
