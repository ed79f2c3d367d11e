/// A JSON object that holds nothing but plain values, found in its bytes: what most tasks are given.
///
/// Recognizes only what can be read in one sure way. Everything else (nesting, escapes, a name that stands there twice,
/// errors of all kinds) makes no object, and is left to Foundation, which takes five times as long and knows it all.
final class PlainObject {
    /// A value; text and fractions as where they stand.
    enum Value {
        case null
        case bool(Bool)
        case integer(Int64)
        case fraction(Range<Int>)
        case string(Range<Int>)
    }

    struct Field {
        let name: Range<Int>
        let value: Value
    }

    let bytes: [UInt8]
    private(set) var fields: [Field] = []
    /// Whether anything was asked that only Foundation answers; whatever came of it then does not count.
    private(set) var isInDoubt = false

    /// More fields than these would be found too slowly one by one.
    private static let fieldsMax = 24

    /// Reads an object (RFC 8259); nil if it is none of the plain kind.
    init?(_ bytes: [UInt8]) {
        self.bytes = bytes
        var scanner = PlainScanner(bytes)
        guard scanner.skip("{") else { return nil }
        fields.reserveCapacity(8)
        if !scanner.skip("}") {
            repeat {
                guard let name = scanner.string(), scanner.skip(":"), let value = scanner.value(),
                    index(of: name) == nil,
                    fields.count < Self.fieldsMax
                else { return nil }
                fields.append(Field(name: name, value: value))
            } while scanner.skip(",")
            guard scanner.skip("}") else { return nil }
        }
        guard scanner.isAtEnd else { return nil }
    }

    /// The value of that name; nil if there is none.
    subscript(name: String) -> Value? {
        let name = name.utf8
        for field in fields where field.name.count == name.count {
            if name.elementsEqual(bytes[field.name]) { return field.value }
        }
        return nil
    }

    /// Notes a question that is Foundation's; to be thrown, though the asker may swallow it.
    func doubt() -> NotPlain {
        isInDoubt = true
        return NotPlain()
    }

    func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    private func index(of name: Range<Int>) -> Int? {
        fields.firstIndex { $0.name.count == name.count && bytes[$0.name].elementsEqual(bytes[name]) }
    }
}

/// Says that Foundation should decode instead; never seen outside.
struct NotPlain: Error {}
