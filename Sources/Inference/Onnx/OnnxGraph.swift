/// What an ONNX file says: nodes in order, constants, and the names of input and output (onnx.proto, IR 3 and later).
struct OnnxGraph {
    var nodes: [OnnxNode] = []
    var constants: [String: Tensor] = [:]
    var inputs: [String] = []
    var outputs: [String] = []

    /// More nodes than any vision model has.
    private static let nodesMax = 100_000

    init(model bytes: ArraySlice<UInt8>) throws(InferenceError) {
        var reader = ProtobufReader(bytes)
        var hasGraph = false
        while let (field, value) = try reader.next() {
            guard field == 7 else { continue }
            try read(graph: try value.bytes())
            hasGraph = true
        }
        guard hasGraph, !nodes.isEmpty else {
            throw InferenceError(.modelCorrupt, "the file holds no ONNX graph; is it an .onnx file?")
        }
        inputs.removeAll { constants[$0] != nil }
    }

    private mutating func read(graph bytes: ArraySlice<UInt8>) throws(InferenceError) {
        var reader = ProtobufReader(bytes)
        while let (field, value) = try reader.next() {
            switch field {
            case 1:
                guard nodes.count < Self.nodesMax else {
                    throw InferenceError(.modelCorrupt, "the model has over \(Self.nodesMax) nodes")
                }
                nodes.append(try OnnxNode(try value.bytes()))
            case 5:
                let (name, tensor) = try OnnxTensor.read(try value.bytes())
                constants[name] = tensor
            case 11: inputs.append(try Self.name(of: try value.bytes()))
            case 12: outputs.append(try Self.name(of: try value.bytes()))
            default: break
            }
        }
    }

    private static func name(of bytes: ArraySlice<UInt8>) throws(InferenceError) -> String {
        var reader = ProtobufReader(bytes)
        while let (field, value) = try reader.next() {
            if field == 1 { return try value.text() }
        }
        return ""
    }
}

/// One step of the graph.
struct OnnxNode {
    enum Attribute {
        case integer(Int)
        case float(Float)
        case text(String)
        case integers([Int])
        case floats([Float])
        case tensor(Tensor)
    }

    var name = ""
    var type = ""
    var inputs: [String] = []
    var outputs: [String] = []
    var attributes: [String: Attribute] = [:]

    init(_ bytes: ArraySlice<UInt8>) throws(InferenceError) {
        var reader = ProtobufReader(bytes)
        while let (field, value) = try reader.next() {
            switch field {
            case 1: inputs.append(try value.text())
            case 2: outputs.append(try value.text())
            case 3: name = try value.text()
            case 4: type = try value.text()
            case 5: try read(attribute: try value.bytes())
            default: break
            }
        }
        guard !outputs.isEmpty else {
            throw InferenceError(.modelCorrupt, "node '\(name)' (\(type)) has no output")
        }
    }

    private mutating func read(attribute bytes: ArraySlice<UInt8>) throws(InferenceError) {
        var reader = ProtobufReader(bytes)
        var name = ""
        var attribute: Attribute?
        var integers: [Int] = []
        var floats: [Float] = []
        while let (field, value) = try reader.next() {
            switch field {
            case 1: name = try value.text()
            case 2: attribute = .float(try value.float())
            case 3: attribute = .integer(try value.integer())
            case 4: attribute = .text(try value.text())
            case 5: attribute = .tensor(try OnnxTensor.read(try value.bytes()).tensor)
            case 7: floats += try value.floats()
            case 8: integers += try value.integers()
            default: break
            }
        }
        if !integers.isEmpty { attribute = .integers(integers) }
        if !floats.isEmpty { attribute = .floats(floats) }
        attributes[name] = attribute
    }

    func integer(_ name: String, default value: Int) -> Int {
        if case .integer(let found) = attributes[name] { return found }
        return value
    }

    func float(_ name: String, default value: Float) -> Float {
        if case .float(let found) = attributes[name] { return found }
        return value
    }

    func integers(_ name: String) -> [Int]? {
        if case .integers(let found) = attributes[name] { return found }
        return nil
    }

    func text(_ name: String) -> String? {
        if case .text(let found) = attributes[name] { return found }
        return nil
    }

    /// How error messages name the node.
    var label: String { "'\(name.isEmpty ? outputs.first ?? "" : name)' (\(type))" }
}

/// A constant in an ONNX file.
enum OnnxTensor {
    static func read(_ bytes: ArraySlice<UInt8>) throws(InferenceError) -> (name: String, tensor: Tensor) {
        var reader = ProtobufReader(bytes)
        var (name, shape, type) = ("", [Int](), 1)
        var floats: [Float] = []
        var integers: [Int] = []
        var raw: ArraySlice<UInt8>?
        while let (field, value) = try reader.next() {
            switch field {
            case 1: shape += try value.integers()
            case 2: type = try value.integer()
            case 4: floats += try value.floats()
            case 7: integers += try value.integers()
            case 8: name = try value.text()
            case 9: raw = try value.bytes()
            default: break
            }
        }
        let count = try Tensor.count(shape)
        switch type {
        case 1: if let raw { floats = raw.floats() }
        case 7: floats = (raw?.integers() ?? integers).map(Float.init)
        default:
            throw InferenceError(.modelCorrupt, "constant '\(name)' has element type \(type); float and int64 are read")
        }
        guard floats.count == count else {
            throw InferenceError(.modelCorrupt, "constant '\(name)' holds \(floats.count) numbers, not \(count)")
        }
        return (name, Tensor(known: shape, values: floats))
    }
}
