extension String {
    /// A name from a file, fit for a message: printable, quoted and short.
    var excerpt: String {
        let printable = unicodeScalars.prefix(80).map { scalar in
            scalar.value >= 0x20 && scalar.value != 0x7F ? Character(scalar) : "?"
        }
        return "\"\(String(printable))\(unicodeScalars.count > 80 ? "…" : "")\""
    }
}
