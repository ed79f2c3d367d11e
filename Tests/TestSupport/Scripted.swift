package import TaskQueue

/// A handler whose work a test writes down on the spot.
package struct Scripted: TaskHandler {
    package struct Input: Codable, Sendable {
        package var text: String

        package init(text: String = "") {
            self.text = text
        }
    }

    package struct Output: Codable, Sendable {
        package var done = true
    }

    package static let name = "scripted"
    package static let policy = TaskPolicy(
        retry: RetryPolicy(base: .milliseconds(1)), softTimeLimit: .seconds(60), hardTimeLimit: .seconds(60))
    private let body: @Sendable (Input, TaskContext) async throws -> Void

    package init(_ body: @escaping @Sendable (Input, TaskContext) async throws -> Void) {
        self.body = body
    }

    package func run(_ input: Input, _ context: TaskContext) async throws -> Output {
        try await body(input, context)
        return Output()
    }
}
