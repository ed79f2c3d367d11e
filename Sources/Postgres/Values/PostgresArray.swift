/// A one-dimensional array in PostgreSQL's binary format, made in one pass.
///
/// `unnest` of several such arrays makes a batch of rows out of one statement.
public struct PostgresArray: Sendable {
    private let type: PostgresType
    private var fields: BinaryFields
    private var hasNull = false
    /// How many elements it has.
    public private(set) var count = 0

    /// Makes an empty array.
    /// - Parameters:
    ///   - type: Its elements' type.
    ///   - reserving: How many bytes it is likely to need.
    public init(of type: PostgresType, reserving capacity: Int = 0) {
        self.type = type
        fields = BinaryFields(reserving: capacity + 20)
        fields.raw(Int32(1))
        fields.raw(Int32(0))
        fields.raw(type.oid)
        fields.raw(Int32(0))
        fields.raw(Int32(1))
    }

    /// Adds nothing.
    public mutating func appendNull() {
        hasNull = true
        fields.null()
        count += 1
    }

    /// Adds an `int8` or a `timestamptz`.
    public mutating func append(_ value: Int64) {
        fields.field(value)
        count += 1
    }

    /// Adds an `int4`.
    public mutating func append(_ value: Int32) {
        fields.field(value)
        count += 1
    }

    /// Adds a `double`.
    public mutating func append(_ value: Double) {
        fields.field(value.bitPattern)
        count += 1
    }

    /// Adds a `bool`.
    public mutating func append(_ value: Bool) {
        fields.field(UInt8(value ? 1 : 0))
        count += 1
    }

    /// Adds a `text`; zero bytes, which it can't hold, become question marks.
    public mutating func append(_ value: String) {
        fields.field(value)
        count += 1
    }

    /// Adds a `bytea`.
    public mutating func append(bytes: [UInt8]) {
        fields.field(bytes)
        count += 1
    }

    /// Adds a `jsonb`, given as JSON text in UTF-8.
    public mutating func append(json: [UInt8]) {
        fields.jsonb(json)
        count += 1
    }

    /// Adds a `uuid`, given as its two halves.
    public mutating func append(uuid high: UInt64, _ low: UInt64) {
        fields.uuid(high, low)
        count += 1
    }

    /// Adds a value of the elements' type, or nothing.
    public mutating func append(_ value: PostgresValue) {
        if case .null = value { hasNull = true }
        fields.field(value)
        count += 1
    }

    /// The array as a parameter of a statement.
    public var parameter: PostgresParameter {
        guard count > 0 else {
            var empty = BinaryFields()
            empty.raw(Int32(0))
            empty.raw(Int32(0))
            empty.raw(type.oid)
            return PostgresParameter(oid: type.arrayOID, bytes: empty.bytes)
        }
        var fields = fields
        fields.patch(hasNull ? 1 : 0, at: 4)
        fields.patch(Int32(clamping: count), at: 12)
        return PostgresParameter(oid: type.arrayOID, bytes: fields.bytes)
    }
}
