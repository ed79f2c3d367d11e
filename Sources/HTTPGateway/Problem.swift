import HTTPTypes
import Hummingbird
import NIOCore
import TaskQueue

/// An error as RFC 9457 has it: every answer of the gateway that is not a success.
public struct Problem: Error, Sendable {
    /// What kind of trouble; its name ends the problem's `type`.
    public enum Kind: String, Sendable, CaseIterable {
        /// A header or a parameter makes no sense.
        case badRequest = "bad-request"
        /// No key or token, or one that is not valid.
        case unauthenticated = "unauthenticated"
        /// The key lacks the scope, or a page of another site asked.
        case forbidden = "forbidden"
        /// No such path.
        case notFound = "not-found"
        /// No task has that name.
        case unknownTask = "unknown-task"
        /// No task, letter or model has that id.
        case unknownID = "unknown-id"
        /// The path is there, the method is not.
        case methodNotAllowed = "method-not-allowed"
        /// The body did not come in time.
        case requestTimeout = "request-timeout"
        /// The body is over a limit.
        case tooLarge = "too-large"
        /// The body does not decode.
        case invalidInput = "invalid-input"
        /// A rate or a queue's length is over its limit.
        case tooManyRequests = "too-many-requests"
        /// A defect of the gateway.
        case internalError = "internal-error"
        /// The broker or the result store can't be reached, or there is no room.
        case unavailable = "unavailable"

        var status: HTTPResponse.Status {
            switch self {
            case .badRequest: .badRequest
            case .unauthenticated: .unauthorized
            case .forbidden: .forbidden
            case .notFound, .unknownTask, .unknownID: .notFound
            case .methodNotAllowed: .methodNotAllowed
            case .requestTimeout: .requestTimeout
            case .tooLarge: .contentTooLarge
            case .invalidInput: .unprocessableContent
            case .tooManyRequests: .tooManyRequests
            case .internalError: .internalServerError
            case .unavailable: .serviceUnavailable
            }
        }
    }

    /// What kind of trouble.
    public let kind: Kind
    /// One sentence: what, where, why, what to do; no payload, no secret.
    public let detail: String
    /// The field of the input that is wrong.
    public let field: String?
    /// When to try again.
    public let retryAfter: Duration?
    /// Further headers of the answer.
    var headers: HTTPFields = [:]

    /// Describes a problem.
    public init(_ kind: Kind, _ detail: String, field: String? = nil, retryAfter: Duration? = nil) {
        self.kind = kind
        self.detail = detail
        self.field = field
        self.retryAfter = retryAfter
    }

    /// Translates what handlers throw; nil for a defect, whose words may hold anything.
    init?(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as StoreError where error.code == .invalidRequest: self.init(.badRequest, error.message)
        case let error as StoreError: self.init(.unavailable, error.message, retryAfter: .seconds(1))
        case SubmissionError.unknownTask: self.init(.unknownTask, "\(error)")
        case SubmissionError.badInput(_, let flaw):
            self.init(.invalidInput, "\(error)", field: flaw.field.isEmpty ? nil : flaw.field)
        case let error as PayloadError:
            self.init(.invalidInput, "\(error)", field: error.field.isEmpty ? nil : error.field)
        case let refusal as EnqueueReceipt.Refusal: self.init(refusal)
        case let error as MessageError: self.init(.invalidInput, "\(error)")
        case is CancellationError: self.init(.unavailable, "the gateway is stopping; ask another one, or again")
        default: return nil
        }
    }

    private init(_ refusal: EnqueueReceipt.Refusal) {
        switch refusal {
        case .payloadTooLarge: self.init(.tooLarge, refusal.description)
        case .queueFull: self.init(.tooManyRequests, refusal.description, retryAfter: .seconds(5))
        }
    }

    private struct Body: Encodable {
        let type: String
        let title: String
        let status: Int
        let detail: String
        let field: String?
        let instance: String
    }

    static let mediaType = "application/problem+json"

    /// The body of the answer that tells of it.
    func json(to requestID: String) -> [UInt8] {
        let body = Body(
            type: "urn:taskqueue:problem:\(kind.rawValue)", title: kind.status.reasonPhrase, status: kind.status.code,
            detail: detail, field: field, instance: "urn:taskqueue:request:\(requestID)")
        // Texts and a number always encode.
        return (try? PayloadCodec.encode(body)) ?? Array("{}".utf8)
    }

    /// The answer that tells of it.
    func response(to requestID: String) -> Response {
        var response = Response.json(bytes: json(to: requestID), kind.status, type: Self.mediaType)
        for header in headers { response.headers[header.name] = header.value }
        if let retryAfter {
            response.headers[.retryAfter] = "\(max(1, Int(retryAfter.inSeconds.rounded(.up))))"
        }
        return response
    }
}
