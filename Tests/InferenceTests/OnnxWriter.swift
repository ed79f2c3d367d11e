@testable import Inference

/// Writes small model files, as much of the format as tests need.
struct OnnxWriter {
    private var graph: [UInt8] = []
    var opset = 17

    /// Adds a node; attributes by name.
    mutating func node(
        _ type: String, _ inputs: [String], _ outputs: [String], name: String = "", domain: String = "",
        integers: [String: [Int]] = [:], integer: [String: Int] = [:], float: [String: Float] = [:],
        string: [String: String] = [:]
    ) {
        var body: [UInt8] = []
        for input in inputs { body += Self.field(1, input) }
        for output in outputs { body += Self.field(2, output) }
        body += Self.field(3, name) + Self.field(4, type) + Self.field(7, domain)
        for (name, values) in integers {
            let list = values.flatMap { Self.field(8, varint: $0) }
            body += Self.field(5, Self.field(1, name) + list + Self.field(20, varint: 7))
        }
        for (name, value) in integer {
            body += Self.field(5, Self.field(1, name) + Self.field(3, varint: value) + Self.field(20, varint: 2))
        }
        for (name, value) in float {
            let bits = withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init)
            body += Self.field(5, Self.field(1, name) + [2 << 3 | 5] + bits + Self.field(20, varint: 1))
        }
        for (name, value) in string {
            body += Self.field(5, Self.field(1, name) + Self.field(4, value) + Self.field(20, varint: 3))
        }
        graph += Self.field(1, body)
    }

    /// Adds a constant with its bytes in the file.
    mutating func constant(_ name: String, _ tensor: Tensor) {
        graph += Self.field(5, Self.header(name, tensor.shape, tensor.type) + Self.field(9, tensor.bytes))
    }

    /// Adds a constant whose bytes lie in another file.
    mutating func constant(_ name: String, _ shape: [Int], _ type: ElementType, in entries: [String: String]) {
        let data = entries.flatMap { Self.field(13, Self.field(1, $0.key) + Self.field(2, $0.value)) }
        graph += Self.field(5, Self.header(name, shape, type) + data + Self.field(14, varint: 1))
    }

    /// Declares an input; a negative size is any.
    mutating func input(_ name: String, _ shape: [Int], _ type: ElementType = .float32) {
        graph += Self.field(11, Self.value(name, shape, type))
    }

    /// Declares an output without saying what it is.
    mutating func output(_ name: String) {
        graph += Self.field(12, Self.field(1, name))
    }

    /// The bytes of the file.
    var bytes: [UInt8] {
        Self.field(1, varint: 8) + Self.field(2, "test") + Self.field(7, graph)
            + Self.field(8, Self.field(1, "") + Self.field(2, varint: opset))
    }

    private static func header(_ name: String, _ shape: [Int], _ type: ElementType) -> [UInt8] {
        shape.flatMap { field(1, varint: $0) } + field(2, varint: type.rawValue) + field(8, name)
    }

    private static func value(_ name: String, _ shape: [Int], _ type: ElementType) -> [UInt8] {
        let sizes = shape.flatMap { field(1, $0 < 0 ? field(2, "any") : field(1, varint: $0)) }
        return field(1, name) + field(2, field(1, field(1, varint: type.rawValue) + field(2, sizes)))
    }

    private static func field(_ number: Int, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

    private static func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
        varint(UInt64(number << 3 | 2)) + varint(UInt64(bytes.count)) + bytes
    }

    private static func field(_ number: Int, varint value: Int) -> [UInt8] {
        varint(UInt64(number << 3)) + varint(UInt64(bitPattern: Int64(value)))
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
