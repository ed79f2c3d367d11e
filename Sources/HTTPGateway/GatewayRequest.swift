import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import TaskQueue

/// A request on its way through the gateway.
struct GatewayRequest: Sendable {
    let request: Request
    let parameters: Parameters
    /// Echoed to the caller and in every log line.
    let id: String
    /// Who asks; nil where nobody need say.
    var principal: Principal?
    let logger: Logger

    var headers: HTTPFields { request.headers }

    /// A part of the path, percent-decoded.
    /// - Throws: `Problem` if it decodes to no text.
    func parameter(_ name: String) throws -> String {
        guard let text = (parameters.get(name) ?? "").removingPercentEncoding else {
            throw Problem(.badRequest, "the path is not UTF-8", field: name)
        }
        return text
    }

    /// The queue in the path.
    func queue() throws -> String {
        let text = try parameter("queue")
        guard Self.isQueueName(text) else {
            throw Problem(.badRequest, "queue: \(Self.queueRule)", field: "queue")
        }
        return text
    }

    static let queueRule = "must be 1 to 128 letters, digits, '.', '_', ':' or '-', the first a letter or a digit"

    static func isQueueName(_ text: String) -> Bool {
        func isWord(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }
        return (1...128).contains(text.utf8.count) && text.utf8.first.map(isWord) == true
            && text.utf8.allSatisfy { isWord($0) || "._:-".utf8.contains($0) }
    }

    /// A query parameter; an empty one counts as given.
    func query(_ name: String) -> String? {
        request.uri.queryParameters[name[...]].map(String.init)
    }

    /// The task's id in the path.
    /// - Throws: `Problem` that calls it unknown: nothing can have an id that is none.
    func taskID() throws -> TaskID {
        let text = try parameter("id")
        guard let id = TaskID(text) else {
            throw Problem(.unknownID, "no task has this id: it is not a UUID")
        }
        return id
    }

    /// A whole number in the query.
    func number(_ name: String, in range: ClosedRange<Int>, default fallback: Int) throws -> Int {
        guard let text = query(name) else { return fallback }
        guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(text), range.contains(number) else {
            throw Problem(
                .badRequest, "\(name): must be a whole number from \(range.lowerBound) to \(range.upperBound)",
                field: name)
        }
        return number
    }

    /// The whole body.
    /// - Throws: `Problem` if it is over the limit or late.
    func body(atMost limit: Int, within timeout: Duration) async throws -> [UInt8] {
        let tooLarge = Problem(.tooLarge, "the body is over the limit of \(limit) bytes")
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLarge }
        let body = request.body
        return try await within(timeout, else: Problem(.requestTimeout, "the body took longer than \(timeout)")) {
            do {
                var buffer = try await body.collect(upTo: limit)
                return buffer.readBytes(length: buffer.readableBytes) ?? []
            } catch is NIOTooManyBytesError {
                throw tooLarge
            }
        }
    }
}
