/// An error reply, as the server worded it.
public struct RedisServerError: Error, Hashable, Sendable {
    /// The first word in capitals, such as `ERR`, `WRONGTYPE` or `MOVED`; empty if there is none.
    public let prefix: String
    /// The whole reply, prefix included, without the arguments that some servers quote.
    public let message: String

    /// Takes an error reply apart.
    public init(_ reply: String) {
        // "unknown command …, with args beginning with: 'secret'" must not carry payloads into logs.
        let quoted = reply.firstRange(of: ", with args beginning with:")
        message = quoted.map { String(reply[..<$0.lowerBound]) } ?? reply
        let word = reply.prefix { $0 != " " }
        prefix = word.allSatisfy { $0.isUppercase || $0.isNumber || $0 == "_" } ? String(word) : ""
    }
}
