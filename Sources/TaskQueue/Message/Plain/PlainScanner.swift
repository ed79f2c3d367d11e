/// Finds the tokens of plain JSON (RFC 8259); nil wherever Foundation should have a look.
struct PlainScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool {
        mutating get {
            skipBlanks()
            return position == bytes.count
        }
    }

    /// Passes over a mark, and over blanks before it.
    mutating func skip(_ mark: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard position < bytes.count, bytes[position] == UInt8(ascii: mark) else { return false }
        position += 1
        return true
    }

    /// A string without escapes: where its characters stand.
    mutating func string() -> Range<Int>? {
        guard skip("\"") else { return nil }
        let start = position
        var isASCII = true
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                let range = start..<position
                position += 1
                guard isASCII || String(validating: bytes[range], as: UTF8.self) != nil else { return nil }
                return range
            }
            guard byte >= 0x20, byte != UInt8(ascii: "\\") else { return nil }
            if byte >= 0x80 { isASCII = false }
            position += 1
        }
        return nil
    }

    mutating func value() -> PlainObject.Value? {
        skipBlanks()
        guard position < bytes.count else { return nil }
        switch bytes[position] {
        case UInt8(ascii: "\""): return string().map { .string($0) }
        case UInt8(ascii: "t"): return take("true") ? .bool(true) : nil
        case UInt8(ascii: "f"): return take("false") ? .bool(false) : nil
        case UInt8(ascii: "n"): return take("null") ? .null : nil
        default: return number()
        }
    }

    private mutating func take(_ word: StaticString) -> Bool {
        let start = position
        for scalar in "\(word)".utf8 {
            guard position < bytes.count, bytes[position] == scalar else {
                position = start
                return false
            }
            position += 1
        }
        return true
    }

    private mutating func number() -> PlainObject.Value? {
        let start = position
        let isNegative = takeByte("-")
        let digits = position
        var value: Int64 = 0
        while let digit = takeDigit() {
            guard position - digits <= 18 else { return nil }
            value = value * 10 + digit
        }
        // A number without digits or with a needless zero is an error, and a negative zero is none of the integers.
        guard position > digits, position - digits == 1 || bytes[digits] != UInt8(ascii: "0") else { return nil }
        let hasFraction = takeByte(".")
        if hasFraction {
            guard takeDigit() != nil else { return nil }
            while takeDigit() != nil {}
        }
        let hasExponent = takeByte("e") || takeByte("E")
        if hasExponent {
            if !takeByte("-") { _ = takeByte("+") }
            guard takeDigit() != nil else { return nil }
            while takeDigit() != nil {}
        }
        if hasFraction || hasExponent { return .fraction(start..<position) }
        return isNegative && value == 0 ? nil : .integer(isNegative ? -value : value)
    }

    private mutating func takeByte(_ mark: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: mark) else { return false }
        position += 1
        return true
    }

    private mutating func takeDigit() -> Int64? {
        guard position < bytes.count else { return nil }
        let digit = bytes[position] &- UInt8(ascii: "0")
        guard digit < 10 else { return nil }
        position += 1
        return Int64(digit)
    }

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }
}
