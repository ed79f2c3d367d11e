public import Logging

/// Something an operator tells a worker to do.
public enum WorkerOrder: Hashable, Sendable {
    /// Stop claiming, let running attempts end within the grace, and leave.
    case drain
    /// Run so many attempts at once from now on, at least 1.
    case resize(slots: Int)
    /// Log from this level on.
    case logLevel(Logger.Level)
}

extension WorkerOrder: Codable {
    private enum CodingKeys: String, CodingKey {
        case drain, slots
        case logLevel = "log_level"
    }

    /// Reads what ``encode(to:)`` wrote; an order that this version does not know is an error.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let slots = try container.decodeIfPresent(Int.self, forKey: .slots) {
            self = .resize(slots: slots)
        } else if let level = try container.decodeIfPresent(Logger.Level.self, forKey: .logLevel) {
            self = .logLevel(level)
        } else if try container.decodeIfPresent(Bool.self, forKey: .drain) == true {
            self = .drain
        } else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "an order of another version"))
        }
    }

    /// Writes an object with one member, named after the order.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .drain: try container.encode(true, forKey: .drain)
        case .resize(let slots): try container.encode(slots, forKey: .slots)
        case .logLevel(let level): try container.encode(level, forKey: .logLevel)
        }
    }
}
