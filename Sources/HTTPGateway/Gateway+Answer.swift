import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import TaskQueue
import Tracing

extension Gateway {
    /// What every request goes through: identity, guard, scope, the handler, and the telling of how it ended.
    func answer(
        _ request: Request, _ parameters: Parameters, from address: SocketAddress?, _ route: Route
    ) async -> Response {
        let start = ContinuousClock.now
        let id = Self.requestID(request)
        var context = InstrumentationContext.topLevel
        InstrumentationSystem.instrument.extract(request.headers, into: &context, using: HeaderExtractor())
        return await InstrumentationSystem.tracer.withSpan(
            "\(request.method.rawValue) \(route.path)", context: context, ofKind: .server
        ) { span in
            var logger = logger
            logger[metadataKey: "request_id"] = "\(id)"
            if let trace = Self.traceID(span.context, request) { logger[metadataKey: "trace_id"] = "\(trace)" }
            var asked = GatewayRequest(request: request, parameters: parameters, id: id, logger: logger)
            var response: Response
            do {
                try access.guardAgainstForeignPages(request, configuration)
                asked.principal = try await access.admit(request, from: address, to: route.scope)
                response = try await route.handler(asked)
            } catch {
                response = problem(error, asked).response(to: id)
            }
            dress(&response, asked, route)
            let spent = ContinuousClock.now - start
            span.attributes["http.request.method"] = request.method.rawValue
            span.attributes["http.route"] = route.path
            span.attributes["http.response.status_code"] = response.status.code
            if response.status.code >= 500 { span.setStatus(SpanStatus(code: .error)) }
            telemetry.answered(request.method.rawValue, route.path, response.status.code, in: spent)
            tell(asked, route, response, spent)
            return response
        }
    }

    /// Asks the stores, for as long as the caller should wait for them.
    func asking<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let late = Problem(
            .unavailable,
            "the broker or the result store did not answer within \(configuration.storeTimeout); try again, with the "
                + "same Idempotency-Key if this was a submission, since it may have been accepted",
            retryAfter: .seconds(1))
        return try await within(configuration.storeTimeout, else: late, work)
    }

    private func problem(_ error: any Error, _ asked: GatewayRequest) -> Problem {
        if let problem = Problem(error) { return problem }
        // A client that breaks off in the middle of its body is no defect of ours.
        if error is ChannelError || error is IOError { return Problem(.badRequest, "the request broke off") }
        asked.logger.error("a request failed", metadata: [LogKeys.error: "\(type(of: error))"])
        return Problem(.internalError, "the gateway failed; its log says more under request \(asked.id)")
    }

    private func dress(_ response: inout Response, _ asked: GatewayRequest, _ route: Route) {
        response.headers[.requestID] = asked.id
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.referrerPolicy] = "no-referrer"
        response.headers[.frameOptions] = "DENY"
        response.headers[.resourcePolicy] = "same-origin"
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        if let origin = asked.headers[.origin], configuration.allowedOrigins.contains(origin) {
            response.headers[.accessControlAllowOrigin] = origin
            response.headers[.vary] = "Origin"
            response.headers[.resourcePolicy] = "cross-origin"
            response.headers[.accessControlExposeHeaders] = "Location, Retry-After, X-Request-ID"
            if asked.request.method == .options {
                response.headers[.accessControlAllowMethods] = response.headers[.allow]
                response.headers[.accessControlAllowHeaders] =
                    "Authorization, Content-Type, Idempotency-Key, X-Request-ID, traceparent, X-TaskQueue-Queue, "
                    + "X-TaskQueue-Priority, X-TaskQueue-Delay, X-TaskQueue-Expires, X-TaskQueue-Unique-Key"
                response.headers[.accessControlMaxAge] = "600"
            }
        }
    }

    private func tell(_ asked: GatewayRequest, _ route: Route, _ response: Response, _ spent: Duration) {
        // Queries and bodies may hold what users would not want in a log.
        asked.logger.info(
            "\(asked.request.method.rawValue) \(route.path) \(response.status.code)",
            metadata: [
                "method": "\(asked.request.method.rawValue)", "route": "\(route.path)",
                "status": "\(response.status.code)", "milliseconds": "\((spent.inSeconds * 100_000).rounded() / 100)",
                "who": "\(asked.principal?.name ?? "-")",
            ])
        guard route.isAudited else { return }
        asked.logger.notice(
            "audit",
            metadata: [
                "audit": "\(asked.request.method.rawValue) \(asked.request.uri.path.prefix(300))",
                "who": "\(asked.principal?.name ?? "anyone")", "outcome": "\(response.status.code)",
            ])
    }

    /// The caller's, if it is one that may stand in a log, or a new one.
    private static func requestID(_ request: Request) -> String {
        if let given = request.headers[.requestID], (1...128).contains(given.utf8.count),
            given.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        {
            return given
        }
        return TaskID().description
    }

    private static func traceID(_ context: InstrumentationContext, _ request: Request) -> String? {
        var carrier: [String: String] = [:]
        InstrumentationSystem.instrument.inject(context, into: &carrier, using: DictionaryInjector())
        let parent = carrier["traceparent"] ?? request.headers[.traceparent]
        return parent?.split(separator: "-").dropFirst().first.map { String($0.prefix(32)) }
    }
}

private struct HeaderExtractor: Extractor {
    func extract(key: String, from headers: HTTPFields) -> String? {
        HTTPField.Name(key).flatMap { headers[$0] }
    }
}

private struct DictionaryInjector: Injector {
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        carrier[key] = value
    }
}
