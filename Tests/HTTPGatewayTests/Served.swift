import AsyncHTTPClient
import Foundation
import HTTPGateway
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Synchronization
import TaskQueue
import TestSupport

/// A gateway over brokers in memory, on a free port, with a handler that a test writes.
struct Served: Sendable {
    let port: Int
    let broker: any TaskBroker
    let results: any ResultStore
    let log: LogBook

    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let body: String

        func json() throws -> JSONValue {
            try PayloadCodec.decode(JSONValue.self, from: Array(body.utf8))
        }

        /// A member of the body, by path such as `error.reason`.
        func text(_ path: String) throws -> String? {
            var value = try json()
            for name in path.split(separator: ".") {
                guard case .object(let members) = value, let member = members[String(name)] else { return nil }
                value = member
            }
            switch value {
            case .text(let text): return text
            case .null: return nil
            default: return String(decoding: try PayloadCodec.encode(value), as: UTF8.self)
            }
        }
    }

    /// As configured by default, but for a machine so busy that a store may not answer within a second.
    static var patient: GatewayConfiguration {
        var configuration = GatewayConfiguration()
        configuration.storeTimeout = .seconds(60)
        return configuration
    }

    var client: TaskClient { TaskClient(broker: broker, results: results) }

    /// Serves during the body and stops gracefully after it.
    static func run(
        broker: (any TaskBroker)? = nil, results: (any ResultStore)? = nil,
        configuration: GatewayConfiguration = patient,
        server serverConfiguration: GatewayServer.Configuration = .init(), access: AccessControl = AccessControl(),
        predictor: (any Predictor)? = nil, advice: Gateway.Advice? = nil, _ body: (Served) async throws -> Void
    ) async throws {
        try await run(
            broker: broker, results: results, configuration: configuration, server: serverConfiguration,
            access: access, predictor: predictor, advice: advice
        ) { served, _ in try await body(served) }
    }

    /// The same, with what begins the shutdown.
    static func run(
        broker: (any TaskBroker)? = nil, results: (any ResultStore)? = nil,
        configuration: GatewayConfiguration = patient,
        server serverConfiguration: GatewayServer.Configuration = .init(), access: AccessControl = AccessControl(),
        predictor: (any Predictor)? = nil, advice: Gateway.Advice? = nil,
        _ body: (Served, ServiceGroup) async throws -> Void
    ) async throws {
        let log = LogBook()
        let logger = log.logger()
        let (broker, results) = (broker ?? MemoryBroker(), results ?? MemoryResultStore())
        var registry = TaskRegistry()
        registry.register(Scripted { _, _ in })
        let gateway = Gateway(
            broker: broker, results: results, registry: registry, configuration: configuration, access: access,
            predictor: predictor, advice: advice, logger: logger)
        var serving = serverConfiguration
        serving.port = 0
        let ports = AsyncStream.makeStream(of: Int.self)
        let server = GatewayServer(gateway, serving, logger: logger) { ports.continuation.yield($0) }
        let group = ServiceGroup(configuration: .init(services: try server.services(), logger: logger))
        async let running: Void = group.run()
        var iterator = ports.stream.makeAsyncIterator()
        let port = await iterator.next() ?? 0
        let outcome: Result<Void, any Error>
        do {
            try await body(Served(port: port, broker: broker, results: results, log: log), group)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await group.triggerGracefulShutdown()
        try await running
        try outcome.get()
    }

    /// Asks, and reads the whole answer.
    func ask(
        _ method: HTTPMethod, _ path: String, _ body: String? = nil, headers: [(String, String)] = []
    ) async throws -> Answer {
        try await ask(method, path, bytes: body.map { Array($0.utf8) }, headers: headers)
    }

    func ask(
        _ method: HTTPMethod, _ path: String, bytes: [UInt8]?, headers: [(String, String)] = []
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let bytes { request.body = .bytes(ByteBuffer(bytes: bytes)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let body = try await response.body.collect(upTo: 64 << 20)
        return Answer(status: Int(response.status.code), headers: response.headers, body: String(buffer: body))
    }

    /// Opens an event stream; each element is an event's name and data.
    func events(_ path: String, headers: [(String, String)] = []) async throws -> AsyncThrowingStream<
        (name: String, data: String), any Error
    > {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.headers.add(name: "accept", value: "text/event-stream")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        guard response.status == .ok else { throw ServerProcess.Failure(description: "\(response.status)") }
        let body = response.body
        return AsyncThrowingStream { continuation in
            let task = Task {
                var text = ""
                do {
                    for try await part in body {
                        text += String(buffer: part)
                        while let end = text.firstRange(of: "\n\n") {
                            let lines = text[..<end.lowerBound].split(separator: "\n")
                            let name = lines.first { $0.hasPrefix("event: ") }?.dropFirst(7)
                            let data = lines.first { $0.hasPrefix("data: ") }?.dropFirst(6)
                            text = String(text[end.upperBound...])
                            if let name { continuation.yield((String(name), String(data ?? ""))) }
                        }
                    }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// A worker for the scripted task.
    func worker(
        _ body: @escaping @Sendable (Scripted.Input, TaskContext) async throws -> Void = { _, _ in }
    ) -> Worker {
        var registry = TaskRegistry()
        registry.register(Scripted(body))
        return Worker(
            broker: broker, results: results, registry: registry, configuration: WorkerConfiguration(),
            logger: log.logger())
    }
}
