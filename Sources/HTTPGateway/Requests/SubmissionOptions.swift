import HTTPTypes
import TaskQueue

/// The options of a submission as HTTP has them: headers, query parameters, or an object in a batch.
struct SubmissionOptions: Decodable, Sendable {
    var queue: String?
    var priority: Int?
    var delay: String?
    var expires: String?
    var uniqueKey: String?
    var maxRetries: Int?
    var timeLimit: String?

    private enum CodingKeys: String, CodingKey {
        case queue, priority, delay, expires
        case uniqueKey = "unique_key"
        case maxRetries = "max_retries"
        case timeLimit = "time_limit"
    }

    init() {}

    /// Reads headers and query; the query wins, but a header that makes no sense is refused all the same.
    init(_ asked: GatewayRequest) throws {
        queue = try Self.read(asked, "queue", .taskQueue)
        priority = try Self.number(asked, "priority", .taskPriority)
        delay = try Self.read(asked, "delay", .taskDelay)
        expires = try Self.read(asked, "expires", .taskExpires)
        uniqueKey = try Self.read(asked, "unique_key", .taskUniqueKey)
        maxRetries = try Self.number(asked, "max_retries", .taskMaxRetries)
        timeLimit = try Self.read(asked, "time_limit", .taskTimeLimit)
    }

    private static func read(_ asked: GatewayRequest, _ name: String, _ header: HTTPField.Name) throws -> String? {
        let (given, other) = (asked.query(name), asked.headers[header])
        if given != nil, let other {
            var options = SubmissionOptions()
            switch name {
            case "queue": options.queue = other
            case "delay": options.delay = other
            case "expires": options.expires = other
            case "time_limit": options.timeLimit = other
            default: options.uniqueKey = other
            }
            _ = try options.resolved()
        }
        return given ?? other
    }

    private static func number(_ asked: GatewayRequest, _ name: String, _ header: HTTPField.Name) throws -> Int? {
        var found: Int?
        for text in [asked.headers[header], asked.query(name)].compactMap(\.self) {
            guard text.utf8.count <= 4, text.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(text) else {
                throw Problem(.badRequest, "\(name): must be a whole number", field: name)
            }
            var options = SubmissionOptions()
            if name == "priority" { options.priority = number } else { options.maxRetries = number }
            _ = try options.resolved()
            found = number
        }
        return found
    }

    /// The options they come to.
    /// - Throws: `Problem` that names the field.
    func resolved() throws -> TaskOptions {
        var options = TaskOptions()
        if let queue {
            guard GatewayRequest.isQueueName(queue) else { throw Self.problem("queue", GatewayRequest.queueRule) }
            options.queue = queue
        }
        if let priority {
            guard let level = QueuePriority(priority) else { throw Self.problem("priority", "must be from 0 to 9") }
            options.priority = level
        }
        options.notBefore = try delay.map { .after(try Self.duration($0, "delay")) }
        options.expires = try expires.map { .after(try Self.duration($0, "expires")) }
        options.timeLimit = try timeLimit.map { try Self.duration($0, "time_limit") }
        if let uniqueKey {
            guard Self.isKey(uniqueKey) else { throw Self.problem("unique_key", Self.keyRule) }
            options.uniqueKey = uniqueKey
        }
        if let maxRetries {
            guard (0...1000).contains(maxRetries) else { throw Self.problem("max_retries", "must be from 0 to 1000") }
            options.maxRetries = maxRetries
        }
        return options
    }

    static let keyRule = "must be 1 to 200 visible ASCII characters"

    static func isKey(_ text: String) -> Bool {
        (1...200).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// A duration in the form that the interface's description promises, and no other.
    static func duration(_ text: String, _ name: String) throws -> Duration {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let longest = ["": 8, "ms": 8, "s": 8, "m": 6, "h": 4, "d": 3]
        guard !digits.isEmpty, let most = longest[String(text.dropFirst(digits.count))], digits.count <= most,
            let duration = Duration(typed: text)
        else { throw problem(name, "must be a duration such as 500ms, 10s, 5m, 2h or 1d") }
        return duration
    }

    private static func problem(_ name: String, _ rule: String) -> Problem {
        Problem(.badRequest, "\(name): \(rule)", field: name)
    }
}
