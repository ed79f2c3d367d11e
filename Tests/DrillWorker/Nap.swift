import Foundation
import TaskQueue

/// Sleeps the first time it is delivered, or ends its process each time.
struct Nap: TaskHandler {
    struct Input: Codable, Sendable {
        var milliseconds: Int
        var isDeadly: Bool
    }

    static let name = "nap"

    func run(_ input: Input, _ context: TaskContext) async throws -> Bool {
        if input.isDeadly { kill(getpid(), SIGKILL) }
        if context.fence == 1 { try await Task.sleep(for: .milliseconds(input.milliseconds)) }
        return true
    }
}
