import Foundation
import GRDB
import TaskQueue

extension TaskID {
    /// The id as a column holds it.
    var blob: Data { Data(bytes) }

    /// Reads an id column.
    init(column data: Data) throws(StoreError) {
        guard let id = TaskID(bytes: Array(data)) else {
            throw StoreError(.incompatible, "an id column holds \(data.count) bytes instead of 16; the file is damaged")
        }
        self = id
    }
}

extension Row {
    func id(_ column: String) throws -> TaskID {
        try TaskID(column: self[column] as Data? ?? Data())
    }

    func time(_ column: String) -> Timestamp? {
        (self[column] as Int64?).map(Timestamp.init(rawValue:))
    }

    func bytes(_ column: String) -> [UInt8]? {
        (self[column] as Data?).map(Array.init)
    }

    func json<Value: Decodable>(_ column: String, as type: Value.Type) -> Value? {
        bytes(column).flatMap { try? PayloadCodec.decode(type, from: $0) }
    }
}

extension Database {
    /// Runs a statement that is compiled once per connection.
    func run(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?] = []) throws {
        try cachedStatement(sql: sql).execute(arguments: StatementArguments(arguments))
    }

    /// Fetches rows with a statement that is compiled once per connection.
    func rows(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?] = []) throws -> [Row] {
        try Row.fetchAll(cachedStatement(sql: sql), arguments: StatementArguments(arguments))
    }

    /// Fetches one row.
    func row(_ sql: String, _ arguments: [(any DatabaseValueConvertible)?] = []) throws -> Row? {
        try Row.fetchOne(cachedStatement(sql: sql), arguments: StatementArguments(arguments))
    }

    /// Writes a value as JSON text; nil stays nil.
    static func json(_ value: (some Encodable)?) throws -> String? {
        try value.map { String(decoding: try PayloadCodec.encode($0), as: UTF8.self) }
    }

    static func json(_ history: [AttemptRecord]) throws -> String? {
        history.isEmpty ? nil : try json(Optional(history))
    }
}
