import HTTPTypes
import Hummingbird
import TaskQueue

extension Gateway {
    /// Submitting, listing and cancelling.
    var taskRoutes: [Route] {
        [
            Route(.post, "/tasks/{id}", .enqueue, submit), Route(.post, "/batch", .enqueue, submitMany),
            Route(.options, "/tasks/{id}", nil, methods), Route(.get, "/tasks", .read, list),
            Route(.delete, "/tasks/{id}", .operate, audited: true, cancel),
        ]
    }

    /// Names and ids share a path, and each has one method.
    private func methods(_ asked: GatewayRequest) async throws -> Response {
        let isTask = registry[try asked.parameter("id")] != nil
        return Response(status: .noContent, headers: [.allow: isTask ? "OPTIONS, POST" : "DELETE, OPTIONS"])
    }

    private func submit(_ asked: GatewayRequest) async throws -> Response {
        // The name first: who misspells it should not hear of the body.
        let name = try asked.parameter("id")
        guard registry[name] != nil else {
            if TaskID(name) != nil { throw Problem.refusing(.post, knowing: "DELETE, OPTIONS") }
            throw SubmissionError.unknownTask(name, known: registry.names)
        }
        var options = try SubmissionOptions(asked).resolved()
        try IdempotencyKey(asked)?.apply(to: &options, task: name)
        let body = try await asked.body(atMost: configuration.inputBytesMax, within: configuration.bodyTimeout)
        try UTF8Check.require(body)
        let message = try registry.message(task: name, payload: body, options: options)
        let receipt = try await asking { [client] in try await client.enqueue([message]).first }
        if case .refused(let refusal) = receipt { throw refusal }
        guard let id = receipt?.id else { throw StoreError(.incompatible, "the broker gave no receipt") }
        var response = Response.json(bytes: Array(#"{"id":"\#(id)","status":"PENDING"}"#.utf8), .accepted)
        response.headers[.location] = "/status/\(id)"
        return response
    }

    private func submitMany(_ asked: GatewayRequest) async throws -> Response {
        let key = try IdempotencyKey(asked)
        let body = try await asked.body(atMost: configuration.bodyBytesMax, within: configuration.bodyTimeout)
        let batch = try BatchRequest(body, registry, idempotency: key)
        if let large = batch.messages.first(where: { $0.payload.count > configuration.inputBytesMax }) {
            throw EnqueueReceipt.Refusal.payloadTooLarge(
                bytes: large.payload.count, limit: configuration.inputBytesMax)
        }
        let receipts = try await asking { [client] in try await client.enqueue(batch.messages) }
        if let refusal = receipts.lazy.compactMap(\.refusal).first {
            try await takeBack(receipts)
            throw refusal
        }
        let ids = receipts.compactMap(\.id).map { "\"\($0)\"" }.joined(separator: ",")
        return .json(bytes: Array(#"{"ids":[\#(ids)]}"#.utf8), .accepted)
    }

    /// A queue that fills up in the middle of a batch takes a part; all or none means that the part is cancelled.
    private func takeBack(_ receipts: [EnqueueReceipt]) async throws {
        var failure: (any Error)?
        for case .accepted(let id) in receipts {
            do {
                try await asking { [client] in _ = try await client.cancel(id, by: "gateway") }
            } catch {
                // The others are still taken back.
                failure = error
            }
        }
        if let failure { throw failure }
    }

    private func list(_ asked: GatewayRequest) async throws -> Response {
        var filter = TaskFilter(limit: try asked.number("limit", in: 1...1000, default: 50))
        if let text = asked.query("state") {
            guard let state = TaskState(rawValue: text) else {
                let all = TaskState.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem(.badRequest, "state: must be one of \(all)", field: "state")
            }
            filter.state = state
        }
        if let text = asked.query("cursor") {
            guard let id = TaskID(text) else {
                throw Problem(.badRequest, "cursor: must be the next_cursor of an earlier answer", field: "cursor")
            }
            filter.before = id
        }
        filter.task = asked.query("task")
        filter.queue = asked.query("queue")
        let wanted = filter
        let records = try await asking { [client] in try await client.list(wanted) }
        struct Page: Encodable {
            let tasks: [StatusView]
            let next_cursor: TaskID?
        }
        let next = records.count == wanted.limit ? records.last?.id : nil
        return .json(Page(tasks: records.map(StatusView.init), next_cursor: next))
    }

    private func cancel(_ asked: GatewayRequest) async throws -> Response {
        // Names and ids share the path, and a name is not for cancelling.
        if registry[try asked.parameter("id")] != nil { throw Problem.refusing(.delete, knowing: "OPTIONS, POST") }
        let id = try asked.taskID()
        let who = "gateway:\(asked.principal?.name ?? "anyone")"
        let isAlive = try await asking { [client] in try await client.cancel(id, by: who) }
        guard isAlive else {
            guard let record = try await asking({ [client] in try await client.status(id) }) else {
                throw Problem(.unknownID, WaitError.notFound(id).description)
            }
            // Final states are final; asking again is no mistake.
            return .json(StatusView(record), .accepted)
        }
        overview.refresh()
        let record = try await asking { [client] in try await client.status(id) }
        return record.map { .json(StatusView($0), .accepted) } ?? Response(status: .accepted)
    }
}

extension EnqueueReceipt {
    fileprivate var refusal: Refusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }
}
