/// Rows for `COPY … FROM STDIN (FORMAT binary)`, made in one pass.
///
/// Every row must have the columns that the statement names, in its order.
public struct CopyRows: Sendable {
    private var fields: BinaryFields
    private let columns: Int16
    /// How many rows were begun.
    public private(set) var count = 0

    /// Makes a set of rows.
    /// - Parameters:
    ///   - columns: How many values each row has.
    ///   - reserving: How many bytes are likely to be needed.
    public init(columns: Int, reserving capacity: Int = 0) {
        self.columns = Int16(clamping: columns)
        fields = BinaryFields(reserving: capacity + 32)
        fields.raw(Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00])
        fields.raw(Int32(0))
        fields.raw(Int32(0))
    }

    /// Begins a row.
    public mutating func beginRow() {
        fields.raw(columns)
        count += 1
    }

    /// Adds nothing.
    public mutating func appendNull() { fields.null() }
    /// Adds an `int8` or a `timestamptz`.
    public mutating func append(_ value: Int64) { fields.field(value) }
    /// Adds an `int4`.
    public mutating func append(_ value: Int32) { fields.field(value) }
    /// Adds a `double`.
    public mutating func append(_ value: Double) { fields.field(value.bitPattern) }
    /// Adds a `bool`.
    public mutating func append(_ value: Bool) { fields.field(UInt8(value ? 1 : 0)) }
    /// Adds a `text`; zero bytes, which it can't hold, become question marks.
    public mutating func append(_ value: String) { fields.field(value) }
    /// Adds a `jsonb`, given as JSON text in UTF-8.
    public mutating func append(json: [UInt8]) { fields.jsonb(json) }
    /// Adds a `uuid`, given as its two halves.
    public mutating func append(uuid high: UInt64, _ low: UInt64) { fields.uuid(high, low) }

    /// All rows, with the mark of their end.
    var bytes: [UInt8] {
        var fields = fields
        fields.raw(Int16(-1))
        return fields.bytes
    }
}
