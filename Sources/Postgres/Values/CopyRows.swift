/// Rows for `COPY … FROM STDIN (FORMAT binary)`, made in one pass.
///
/// Every row must have the columns that the statement names, in its order.
public struct CopyRows: Sendable {
    private var fields: BinaryFields
    private let columns: Int16
    /// How many rows there are.
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

    /// Adds a row.
    public mutating func append(_ row: [PostgresValue]) {
        fields.raw(columns)
        for value in row { fields.field(value) }
        count += 1
    }

    /// All rows, with the mark of their end.
    var bytes: [UInt8] {
        var fields = fields
        fields.raw(Int16(-1))
        return fields.bytes
    }
}
