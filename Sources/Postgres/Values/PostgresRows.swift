internal import CLibPQ

/// What a statement returned, in binary.
///
/// Unchecked, because a result never changes once it is there, and is freed when nobody has it any more.
public final class PostgresRows: @unchecked Sendable {
    private let result: OpaquePointer

    /// Takes over a result.
    init(_ result: OpaquePointer) {
        self.result = result
    }

    deinit {
        PQclear(result)
    }

    /// How many rows came back.
    public var count: Int { Int(PQntuples(result)) }

    /// How many rows were changed, or returned.
    public var affected: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

    /// One row.
    public subscript(row: Int) -> PostgresRow { PostgresRow(rows: self, row: row) }

    /// The first row, if there is one.
    public var first: PostgresRow? { count > 0 ? self[0] : nil }

    fileprivate func isNull(_ row: Int, _ column: Int) -> Bool {
        !isThere(row, column) || PQgetisnull(result, Int32(row), Int32(column)) == 1
    }

    fileprivate func bytes(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer? {
        guard !isNull(row, column) else { return nil }
        let count = Int(PQgetlength(result, Int32(row), Int32(column)))
        return UnsafeRawBufferPointer(start: PQgetvalue(result, Int32(row), Int32(column)), count: count)
    }

    private func isThere(_ row: Int, _ column: Int) -> Bool {
        (0..<count).contains(row) && (0..<Int(PQnfields(result))).contains(column)
    }
}

extension PostgresRows: RandomAccessCollection {
    /// 0.
    public var startIndex: Int { 0 }
    /// How many rows came back.
    public var endIndex: Int { count }
}

/// One row of an answer; a value of another type than asked for is an error, never a trap.
public struct PostgresRow: Sendable {
    let rows: PostgresRows
    let row: Int

    /// Whether a column has no value.
    public func isNull(_ column: Int) -> Bool { rows.isNull(row, column) }

    /// A `bigint` or `timestamptz`; nil for null.
    public func optionalInt8(_ column: Int) throws(PostgresError) -> Int64? {
        try integer(column, Int64.self)
    }

    /// A `bigint` or `timestamptz`.
    public func int8(_ column: Int) throws(PostgresError) -> Int64 {
        try required(try optionalInt8(column), column)
    }

    /// An `integer`; nil for null.
    public func optionalInt4(_ column: Int) throws(PostgresError) -> Int32? {
        try integer(column, Int32.self)
    }

    /// An `integer`.
    public func int4(_ column: Int) throws(PostgresError) -> Int32 {
        try required(try optionalInt4(column), column)
    }

    /// A `double precision`.
    public func double(_ column: Int) throws(PostgresError) -> Double {
        Double(bitPattern: try required(try integer(column, UInt64.self), column))
    }

    /// A `boolean`.
    public func bool(_ column: Int) throws(PostgresError) -> Bool {
        try required(try integer(column, UInt8.self), column) != 0
    }

    /// The two halves of a `uuid`.
    public func uuid(_ column: Int) throws(PostgresError) -> (high: UInt64, low: UInt64) {
        guard let bytes = rows.bytes(row, column), bytes.count == 16 else { throw mismatch(column) }
        return (
            UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        )
    }

    /// A `text`, `name` or `bytea` as text; nil for null.
    public func optionalText(_ column: Int) -> String? {
        rows.bytes(row, column).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A `text`.
    public func text(_ column: Int) throws(PostgresError) -> String {
        try required(optionalText(column), column)
    }

    /// A `bytea`; nil for null.
    public func bytes(_ column: Int) -> [UInt8]? {
        rows.bytes(row, column).map(Array.init)
    }

    /// The text of a `jsonb`; nil for null.
    public func json(_ column: Int) -> [UInt8]? {
        // The first byte is the format's version.
        rows.bytes(row, column).map { Array($0.dropFirst()) }
    }

    private func integer<Value: FixedWidthInteger>(
        _ column: Int, _ type: Value.Type
    ) throws(PostgresError) -> Value? {
        guard let bytes = rows.bytes(row, column) else { return nil }
        guard bytes.count == MemoryLayout<Value>.size else { throw mismatch(column) }
        return Value(bigEndian: bytes.loadUnaligned(as: Value.self))
    }

    private func required<Value>(_ value: Value?, _ column: Int) throws(PostgresError) -> Value {
        guard let value else { throw mismatch(column) }
        return value
    }

    private func mismatch(_ column: Int) -> PostgresError {
        PostgresError(.unexpectedAnswer, "column \(column + 1) of an answer is not of the expected type, or null")
    }
}
