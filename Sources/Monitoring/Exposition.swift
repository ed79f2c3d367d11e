/// Builds a page in Prometheus' text format, version 0.0.4.
///
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
public struct Exposition: Sendable {
    /// What kind of numbers a family holds.
    public enum Kind: String, Sendable {
        /// Only grows.
        case counter
        /// Goes up and down.
        case gauge
        /// Counts by bucket.
        case histogram
    }

    /// The page's media type.
    public static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    /// What was written so far.
    public private(set) var text = ""

    /// An empty page.
    public init() {}

    /// Begins a family; its samples follow.
    /// - Parameters:
    ///   - name: Characters that Prometheus forbids become underscores.
    ///   - help: One line for people.
    public mutating func family(_ name: String, _ kind: Kind, help: String) {
        let name = Self.name(name)
        text += "# HELP \(name) \(help.map { $0 == "\\" ? "\\\\" : $0.isNewline ? " " : String($0) }.joined())\n"
        text += "# TYPE \(name) \(kind.rawValue)\n"
    }

    /// Adds a number to the family that was begun last.
    public mutating func sample(_ name: String, _ value: Double, _ labels: [(String, String)] = []) {
        sample(name, rendered: Self.render(labels), value)
    }

    /// Adds whole families, as other pages have them; none of them may have been begun here.
    public mutating func append(_ pages: PageSum) {
        text += pages.text
    }

    mutating func sample(_ name: String, rendered labels: String, _ value: Double) {
        text += Self.name(name)
        if !labels.isEmpty { text += "{\(labels)}" }
        text += " \(Self.number(value))\n"
    }

    /// Labels as they stand between the braces.
    static func render(_ labels: [(String, String)]) -> String {
        labels.map { "\(name($0).replacing(":", with: "_"))=\"\(escaped($1))\"" }.joined(separator: ",")
    }

    static func name(_ text: String) -> String {
        let isDigitFirst = text.first?.isNumber ?? true
        let allowed = text.map { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" || $0 == ":" ? $0 : "_" }
        return (isDigitFirst ? "_" : "") + String(allowed)
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return Int64(exactly: value).map(String.init) ?? "\(value)"
    }
}
