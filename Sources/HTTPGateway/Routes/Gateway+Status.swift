import HTTPTypes
import Hummingbird
import TaskQueue

extension Gateway {
    /// Asking after tasks: at once, until they end, or live.
    var statusRoutes: [Route] {
        [Route(.get, "/status/{id}", .read, status), Route(.post, "/status", .read, statuses)]
    }

    private func status(_ asked: GatewayRequest) async throws -> Response {
        let wait = try asked.query("wait").map { try SubmissionOptions.duration($0, "wait") } ?? .zero
        let id = try asked.taskID()
        let record = try await known(id)
        if EventStream.isWanted(by: asked.request) { return try follow(id, record) }
        guard wait > .zero, !record.state.isFinal, !drain.isDraining else { return .json(StatusView(record)) }
        return .json(StatusView(try await outcome(of: id, record, atMost: min(wait, configuration.waitMax))))
    }

    private func known(_ id: TaskID) async throws -> TaskRecord {
        guard let record = try await asking({ [client] in try await client.status(id) }) else {
            throw Problem(.unknownID, WaitError.notFound(id).description)
        }
        return record
    }

    /// The final record, or the newest when the time is up or the gateway stops.
    ///
    /// A client that has gone away is not noticed before then: a wait is short, and noticing costs the connection.
    private func outcome(of id: TaskID, _ first: TaskRecord, atMost wait: Duration) async throws -> TaskRecord {
        var newest = first
        for await record in try board.follow(id, atMost: wait) { newest = record }
        return newest
    }

    private func follow(_ id: TaskID, _ first: TaskRecord) throws -> Response {
        let longest = configuration.streamMax
        let began = ContinuousClock.now
        let records = first.state.isFinal ? nil : try board.follow(id, atMost: longest)
        let events = KeepingAlive(every: configuration.keepAlive) { stream in
            var last = first
            stream.yield(Self.event(first))
            if let records {
                for await record in records where record != last {
                    last = record
                    stream.yield(Self.event(record))
                }
            }
            let isOver = ContinuousClock.now - began >= longest
            stream.yield(.end(last.state.isFinal ? .final : isOver ? .renew : .closing))
        }
        return EventStream.response(events)
    }

    private static func event(_ record: TaskRecord) -> EventStream.Event {
        .named("status", (try? PayloadCodec.encode(StatusView(record))) ?? Array("{}".utf8))
    }

    private func statuses(_ asked: GatewayRequest) async throws -> Response {
        struct Wanted: Decodable {
            let ids: [TaskID]
        }
        let body = try await asked.body(atMost: configuration.inputBytesMax, within: configuration.bodyTimeout)
        let ids = try PayloadCodec.decode(Wanted.self, from: body).ids
        guard (1...1000).contains(ids.count) else {
            throw PayloadError(field: "ids", problem: "must hold 1 to 1000 ids")
        }
        let records = try await asking { [client] in try await client.status(ids) }
        struct Page: Encodable {
            let statuses: [StatusView?]
        }
        return .json(Page(statuses: ids.map { id in records[id].map(StatusView.init) }))
    }
}
