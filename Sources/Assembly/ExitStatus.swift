import ArgumentParser
import Foundation
import Inference
public import TaskQueue

/// The exit codes that every command keeps to (after `sysexits.h`).
public enum ExitStatus: Int32, Sendable {
    /// Done.
    case done = 0
    /// The task ended in FAILURE or REVOKED.
    case taskFailed = 1
    /// Usage or configuration.
    case usage = 64
    /// Bad input data.
    case badInput = 65
    /// No such task or file.
    case notFound = 66
    /// Broker or results unreachable.
    case unavailable = 69
    /// Timed out waiting.
    case timedOut = 75

    /// The code that an error calls for.
    public init(_ error: any Error) {
        switch error {
        case is SettingsError: self = .usage
        case is PayloadError, is EnqueueReceipt.Refusal, is MessageError, SubmissionError.badInput: self = .badInput
        case SubmissionError.unknownTask, is FileMissing: self = .notFound
        case WaitError.timedOut: self = .timedOut
        case WaitError.notFound, is NoLetter, is NoWorker: self = .notFound
        case let error as InferenceError: self = error.code == .modelMissing ? .notFound : .badInput
        default: self = .unavailable
        }
    }

    /// Runs a command's body; an error becomes one sentence on standard error and the code it calls for.
    public static func reporting(_ body: () async throws -> ExitStatus) async throws {
        let status: ExitStatus
        do {
            status = try await body()
        } catch let error as ExitCode {
            throw error
        } catch {
            StandardError.write("error: \(error)\n")
            throw ExitCode(ExitStatus(error).rawValue)
        }
        if status != .done { throw ExitCode(status.rawValue) }
    }
}

/// A dead letter that was asked for and is not there.
public struct NoLetter: Error, Hashable, CustomStringConvertible {
    /// The failed task.
    public let id: TaskID

    /// Names the task.
    public init(id: TaskID) {
        self.id = id
    }

    /// One sentence.
    public var description: String { "no dead letter has the id \(id)" }
}
