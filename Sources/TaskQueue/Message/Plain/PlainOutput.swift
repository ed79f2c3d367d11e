/// Gathers a plain object's fields as bytes.
final class PlainOutput {
    private struct Field {
        let name: String
        let value: Range<Int>
    }

    private var fields: [Field] = []
    private var values: [UInt8] = []
    private var isInDoubt = false
    /// Whether a container for fields was asked for: an object without fields is one too.
    var isObject = false

    private static let fieldsMax = 24

    init() {
        fields.reserveCapacity(8)
        values.reserveCapacity(128)
    }

    var count: Int { fields.count }

    /// Notes something that is Foundation's; whatever comes of it here does not count.
    func doubt() {
        isInDoubt = true
    }

    /// Takes what is not plain and forgets it.
    var doubtfully: DiscardingEncoder {
        doubt()
        return DiscardingEncoder()
    }

    func add(_ key: any CodingKey, _ write: (inout [UInt8]) -> Void) {
        let start = values.count
        write(&values)
        fields.append(Field(name: key.stringValue, value: start..<values.count))
    }

    func add(_ key: any CodingKey, _ value: Bool) {
        add(key) { $0.append(text: value ? "true" : "false") }
    }

    func add(_ key: any CodingKey, integer value: some FixedWidthInteger) {
        add(key) { $0.append(text: String(value)) }
    }

    func add(_ key: any CodingKey, _ value: Double) {
        guard value.isFinite else { return doubt() }
        var text = value.description
        if text.hasSuffix(".0") { text.removeLast(2) }
        add(key) { $0.append(text: text) }
    }

    func add(_ key: any CodingKey, _ value: String) {
        add(key) { if !$0.append(quoted: value) { doubt() } }
    }

    /// The object, its fields by name; nil if it is not plain after all.
    func object() -> [UInt8]? {
        guard isObject, !isInDoubt, fields.count <= Self.fieldsMax else { return nil }
        fields.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        guard zip(fields, fields.dropFirst()).allSatisfy({ $0.name != $1.name }) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count + 2 + fields.reduce(0) { $0 + $1.name.utf8.count + 4 })
        bytes.append(UInt8(ascii: "{"))
        for (index, field) in fields.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            guard bytes.append(quoted: field.name) else { return nil }
            bytes.append(UInt8(ascii: ":"))
            bytes.append(contentsOf: values[field.value])
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}

extension [UInt8] {
    mutating func append(text: String) {
        append(contentsOf: text.utf8)
    }

    /// Appends a string that needs no escapes; false if it needs some.
    fileprivate mutating func append(quoted text: String) -> Bool {
        append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            guard byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else { return false }
            append(byte)
        }
        append(UInt8(ascii: "\""))
        return true
    }
}
