#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Turns inputs and outputs into JSON and back, in one way for clients, workers and tools.
public enum PayloadCodec {
    // Both are documented as safe to share once configured, and making one costs more than using it.
    private static let decoder = JSONDecoder()
    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()

    /// Encodes a value.
    /// - Throws: `PayloadError` that names the field, for example one that is not a finite number.
    public static func encode(_ value: some Encodable) throws(PayloadError) -> [UInt8] {
        if let bytes = PlainEncoder.encode(value) { return bytes }
        do {
            return Array(try encoder.encode(value))
        } catch {
            throw PayloadError(error)
        }
    }

    /// Decodes a value.
    /// - Throws: `PayloadError` that names the field.
    public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(PayloadError) -> Value {
        if let value = PlainDecoder.decode(type, from: bytes) { return value }
        do {
            return try decoder.decode(type, from: Data(bytes))
        } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
            throw explain(bytes)
        } catch {
            throw PayloadError(error)
        }
    }

    /// Tells JSON that is none from JSON with a number that does not fit, which the decoder mixes up.
    private static func explain(_ bytes: [UInt8]) -> PayloadError {
        do {
            _ = try decoder.decode(JSONNumbers.self, from: Data(bytes))
        } catch {
            return PayloadError(error)
        }
        return PayloadError(
            field: "", problem: "holds a value that does not fit, such as a fraction where a whole number is expected")
    }
}

/// Why JSON does not hold what a task expects.
///
/// Names the field, never quotes its content.
public struct PayloadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The field's path such as `readings[3].value`; empty for the whole input.
    public let field: String
    /// What is wrong with it.
    public let problem: String

    /// Describes a wrong field.
    public init(field: String, problem: String) {
        self.field = field
        self.problem = problem
    }

    init(at path: [any CodingKey], problem: String) {
        self.init(field: Self.path(path), problem: problem)
    }

    init(_ error: any Error) {
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            self.init(field: Self.path(context.codingPath + [key]), problem: "is missing")
        case DecodingError.valueNotFound(let type, let context):
            self.init(field: Self.path(context.codingPath), problem: "is null; expected \(Self.name(type))")
        case DecodingError.typeMismatch(let type, let context):
            self.init(field: Self.path(context.codingPath), problem: "is not \(Self.name(type))")
        case DecodingError.dataCorrupted(let context):
            // The parser's own words may quote the input, so only those of an init(from:) with a path are passed on.
            let problem = context.codingPath.isEmpty ? "is not valid JSON" : "is not valid: \(context.debugDescription)"
            self.init(field: Self.path(context.codingPath), problem: problem)
        case EncodingError.invalidValue(_, let context):
            self.init(
                field: Self.path(context.codingPath), problem: "can't be written as JSON: \(context.debugDescription)")
        case let error as PayloadError:
            self = error
        default:
            self.init(field: "", problem: "can't be read: \(type(of: error))")
        }
    }

    /// One sentence for people.
    public var description: String {
        field.isEmpty ? "the input \(problem)" : "field '\(field)' \(problem)"
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce(into: "") { path, key in
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                path += path.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
    }

    private static func name(_ type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is Int.Type, is Int64.Type, is UInt.Type: "a whole number"
        case is Double.Type, is Float.Type: "a number"
        case is [String: Any].Type: "an object"
        case is [Any].Type: "an array"
        default: "a \(type)"
        }
    }
}
