import Foundation
public import TaskQueue

/// A task as the command line and HTTP show it.
public struct StatusView: Encodable {
    private let record: TaskRecord

    /// Shows a record.
    public init(_ record: TaskRecord) {
        self.record = record
    }

    private enum CodingKeys: String, CodingKey {
        case id, task, queue, status, progress, result, error, attempt, worker, timeline
        case maxAttempts = "max_attempts"
        case enqueuedAt = "enqueued_at"
        case dueAt = "due_at"
        case startedAt = "started_at"
        case finishedAt = "finished_at"
    }

    /// Writes the shape of the HTTP interface's `GET /status/{id}`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(record.id, forKey: .id)
        try container.encode(record.task, forKey: .task)
        try container.encode(record.queue, forKey: .queue)
        try container.encode(record.state, forKey: .status)
        try container.encodeIfPresent(record.progress, forKey: .progress)
        try container.encodeIfPresent(
            record.result.map { try PayloadCodec.decode(JSONValue.self, from: $0) }, forKey: .result)
        try container.encodeIfPresent(record.failure, forKey: .error)
        try container.encode(record.attempt, forKey: .attempt)
        try container.encodeIfPresent(record.maxAttempts, forKey: .maxAttempts)
        try container.encode(record.enqueuedAt, forKey: .enqueuedAt)
        try container.encodeIfPresent(record.dueAt, forKey: .dueAt)
        try container.encodeIfPresent(record.startedAt, forKey: .startedAt)
        try container.encodeIfPresent(record.finishedAt, forKey: .finishedAt)
        try container.encodeIfPresent(record.worker, forKey: .worker)
        try container.encode(record.timeline, forKey: .timeline)
    }
}

/// JSON of any shape, passed through.
public enum JSONValue: Codable, Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A whole number.
    case integer(Int64)
    /// Any other number.
    case number(Double)
    /// Text.
    case text(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object([String: JSONValue])

    /// Reads any JSON.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    /// Writes it as it was.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
