import TaskQueue

/// The body of `POST /batch`: up to 1,000 tasks with their inputs and options.
struct BatchRequest {
    static let countMax = 1000

    /// Messages in the order given.
    let messages: [TaskMessage]

    /// Reads and judges a batch; one bad task refuses all.
    /// - Throws: `Problem` that names the task by its place and the field.
    init(_ body: [UInt8], _ registry: TaskRegistry, idempotency: IdempotencyKey?) throws {
        try UTF8Check.require(body)
        guard let tasks = try JSONSlices.members(of: body)["tasks"] else {
            throw PayloadError(field: "tasks", problem: "is missing")
        }
        let elements = try Self.naming("tasks") { () throws(PayloadError) in
            try JSONSlices.elements(of: body, in: tasks)
        }
        guard (1...Self.countMax).contains(elements.count) else {
            throw PayloadError(field: "tasks", problem: "must hold 1 to \(Self.countMax) tasks")
        }
        var messages: [TaskMessage] = []
        messages.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            messages.append(try Self.message(body, element, "tasks[\(index)]", index, registry, idempotency))
        }
        self.messages = messages
    }

    private static func message(
        _ body: [UInt8], _ element: Range<Int>, _ place: String, _ index: Int, _ registry: TaskRegistry,
        _ idempotency: IdempotencyKey?
    ) throws -> TaskMessage {
        let (task, input, choices) = try naming(place) {
            () throws(PayloadError) -> (String, ArraySlice<UInt8>, SubmissionOptions) in
            let members = try JSONSlices.members(of: body, in: element)
            guard let task = members["task"] else { throw PayloadError(field: "task", problem: "is missing") }
            guard let input = members["input"] else { throw PayloadError(field: "input", problem: "is missing") }
            return (
                try naming("task") { () throws(PayloadError) in
                    try PayloadCodec.decode(String.self, from: Array(body[task]))
                },
                body[input],
                try members["options"].map { range throws(PayloadError) in
                    try naming("options") { () throws(PayloadError) in
                        try PayloadCodec.decode(SubmissionOptions.self, from: Array(body[range]))
                    }
                } ?? SubmissionOptions()
            )
        }
        do {
            var options = try choices.resolved()
            idempotency?.apply(to: &options, task: task, index: index)
            return try registry.message(task: task, payload: Array(input), options: options)
        } catch SubmissionError.badInput(_, let flaw) {
            throw naming("\(place).input", flaw)
        } catch SubmissionError.unknownTask(let name, let known) {
            throw Problem(.unknownTask, "\(place): \(SubmissionError.unknownTask(name, known: known))", field: place)
        } catch let problem as Problem {
            // In a body it is a field that does not decode, not a bad request.
            let field = problem.field.map { "\(place).options.\($0)" }
            throw Problem(.invalidInput, "\(place).options.\(problem.detail)", field: field)
        }
    }

    private static func naming<Value>(
        _ place: String, _ body: () throws(PayloadError) -> Value
    ) throws(PayloadError) -> Value {
        do throws(PayloadError) {
            return try body()
        } catch {
            throw naming(place, error)
        }
    }

    private static func naming(_ place: String, _ error: PayloadError) -> PayloadError {
        PayloadError(field: error.field.isEmpty ? place : "\(place).\(error.field)", problem: error.problem)
    }
}

/// Bytes must be UTF-8 before they are cut, because slices are passed on as they are.
enum UTF8Check {
    static func require(_ bytes: [UInt8]) throws(PayloadError) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw PayloadError(field: "", problem: "is not UTF-8")
        }
    }
}
