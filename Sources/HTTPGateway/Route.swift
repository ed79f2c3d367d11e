import HTTPTypes
import Hummingbird

/// One path and method, who may use it, and what answers.
struct Route: Sendable {
    typealias Handler = @Sendable (GatewayRequest) async throws -> Response

    var method: HTTPRequest.Method
    /// As the description has it: `/status/{id}`.
    let path: String
    /// What the caller's key must allow; nil for open to all.
    let scope: Scope?
    /// Whether what was done goes into the audit log.
    var isAudited = false
    let handler: Handler

    init(
        _ method: HTTPRequest.Method, _ path: String, _ scope: Scope?, audited: Bool = false,
        _ handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.scope = scope
        isAudited = audited
        self.handler = handler
    }

    static let methods: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .delete, .patch, .options, .trace, .query,
    ]

    /// The same without the body.
    var asHead: Route {
        Route(.head, path, scope) { request in
            let response = try await handler(request)
            return response.createHeadResponse()
        }
    }

    /// Says which methods a path has.
    static func refusing(
        _ method: HTTPRequest.Method, _ path: String, allowed: Set<HTTPRequest.Method>
    ) -> Route {
        let names = allowed.map(\.rawValue).sorted().joined(separator: ", ")
        return Route(method, path, nil) { _ in
            guard method != .options else { return Response(status: .noContent, headers: [.allow: names]) }
            throw Problem.refusing(method, knowing: names)
        }
    }

    static func unknown(_ method: HTTPRequest.Method) -> Route {
        Route(method, "**", nil) { _ in
            throw Problem(.notFound, "there is nothing at this path; GET /openapi.json lists what there is")
        }
    }
}

extension HTTPRequest.Method {
    /// `QUERY`, which few know yet; what is not known here is refused without a word about what is.
    fileprivate static let query = HTTPRequest.Method("QUERY") ?? .trace
}

extension Problem {
    /// The path knows other methods.
    static func refusing(_ method: HTTPRequest.Method, knowing names: String) -> Problem {
        var problem = Problem(.methodNotAllowed, "this path knows \(names), not \(method.rawValue)")
        problem.headers[.allow] = names
        return problem
    }
}
