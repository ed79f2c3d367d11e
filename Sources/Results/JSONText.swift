/// What has to be known about JSON text on its way into a `jsonb` column and out of it.
enum JSONText {
    /// Whether it holds an escape that `jsonb` refuses or may refuse: `\u0000`, or half of a surrogate pair.
    static func isUnfitForDatabase(_ text: [UInt8]) -> Bool {
        guard text.contains(UInt8(ascii: "\\")) else { return false }
        var index = 0
        while index + 1 < text.count {
            guard text[index] == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            if text[index + 1] == UInt8(ascii: "u"), index + 5 < text.count {
                let digits = text[index + 2...index + 5]
                if digits.allSatisfy({ $0 == UInt8(ascii: "0") }) { return true }
                if digits.first == UInt8(ascii: "d") || digits.first == UInt8(ascii: "D") { return true }
            }
            index += 2
        }
        return false
    }

    /// The same document without the spaces that the server puts after commas and colons.
    static func compact(_ text: [UInt8]) -> [UInt8] {
        var compact: [UInt8] = []
        compact.reserveCapacity(text.count)
        var isInString = false
        var isEscaped = false
        for byte in text {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
            } else if byte == UInt8(ascii: " ") {
                continue
            } else if byte == UInt8(ascii: "\"") {
                isInString = true
            }
            compact.append(byte)
        }
        return compact
    }
}
