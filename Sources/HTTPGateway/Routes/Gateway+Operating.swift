import HTTPTypes
import Hummingbird
import TaskQueue

extension Gateway {
    /// Queues, workers, dead letters, and what an autoscaler asks.
    var operatingRoutes: [Route] {
        [
            Route(.get, "/queues", .read, queues), Route(.get, "/workers", .read, workers),
            Route(.post, "/queues/{queue}/pause", .operate, audited: true) { try await setPaused(true, $0) },
            Route(.post, "/queues/{queue}/resume", .operate, audited: true) { try await setPaused(false, $0) },
            Route(.get, "/dead", .read, dead), Route(.get, "/dead/{id}", .read, letter),
            Route(.post, "/dead/{id}/retry", .operate, audited: true, retry),
            Route(.delete, "/dead/{id}", .operate, audited: true, discard),
        ] + (advice.map { advice in [Route(.get, "/autoscale", .read) { try await autoscale($0, advice) }] } ?? [])
    }

    private func queues(_ asked: GatewayRequest) async throws -> Response {
        .json(["queues": try await asking { [broker] in try await broker.queues() }])
    }

    private func workers(_ asked: GatewayRequest) async throws -> Response {
        .json(["workers": try await asking { [broker] in try await broker.workers() }])
    }

    private func setPaused(_ isPaused: Bool, _ asked: GatewayRequest) async throws -> Response {
        let queue = try asked.queue()
        try await asking { [broker] in try await broker.setPaused(isPaused, queue: queue) }
        overview.refresh()
        return .json(bytes: Array(#"{"queue":"\#(queue)","paused":\#(isPaused)}"#.utf8))
    }

    private func dead(_ asked: GatewayRequest) async throws -> Response {
        let limit = try asked.number("limit", in: 1...1000, default: 50)
        let letters = try await asking { [broker] in try await broker.deadLetters(nil, limit: limit) }
        return .json(["dead": letters.map { LetterView($0, withMessage: false) }])
    }

    private func letter(_ asked: GatewayRequest) async throws -> Response {
        let id = try asked.taskID()
        guard let letter = try await asking({ [broker] in try await broker.deadLetters([id], limit: 1).first }) else {
            throw Self.noLetter(id)
        }
        return .json(LetterView(letter, withMessage: true))
    }

    private func retry(_ asked: GatewayRequest) async throws -> Response {
        let id = try asked.taskID()
        guard let new = try await asking({ [client] in try await client.retry(dead: id) }) else {
            throw Self.noLetter(id)
        }
        overview.refresh()
        let body = #"{"id":"\#(new)","retry_of":"\#(id)","status":"PENDING"}"#
        var response = Response.json(bytes: Array(body.utf8), .accepted)
        response.headers[.location] = "/status/\(new)"
        return response
    }

    private func discard(_ asked: GatewayRequest) async throws -> Response {
        let id = try asked.taskID()
        try await asking { [broker] in
            guard try await !broker.deadLetters([id], limit: 1).isEmpty else { throw Self.noLetter(id) }
            try await broker.removeDeadLetters([id])
        }
        overview.refresh()
        return Response(status: .noContent)
    }

    private static func noLetter(_ id: TaskID) -> Problem {
        Problem(.unknownID, "no dead letter has the id \(id)")
    }

    private func autoscale(_ asked: GatewayRequest, _ advice: Advice) async throws -> Response {
        let (queues, workers) = try await asking { [broker] in
            (try await broker.queues(), try await broker.workers())
        }
        return .json(advice(queues, workers))
    }
}
