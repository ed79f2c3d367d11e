/// A model file's graph as it stands there.
struct OnnxGraph: Sendable {
    /// Version of the default operator set.
    var opset = 0
    var nodes: [OnnxNode] = []
    var constants: [String: OnnxTensor] = [:]
    var inputs: [OnnxValueInfo] = []
    var outputs: [OnnxValueInfo] = []

    /// Reads a ModelProto; throws `modelCorrupt`, or `unsupportedOperator` for kinds of data that are not read.
    static func parse(_ bytes: [UInt8]) throws(InferenceError) -> OnnxGraph {
        var reader = ProtobufReader(bytes)
        var graph = OnnxGraph()
        var hasGraph = false
        while let (field, wire) = try reader.next() {
            switch (field, wire) {
            case (7, .bytes):
                hasGraph = true
                try graph.read(try reader.message())
            case (8, .bytes): try graph.readOpset(try reader.message())
            default: try reader.skip(wire)
            }
        }
        guard hasGraph, !graph.nodes.isEmpty else { throw reader.corrupt("it holds no graph") }
        guard graph.opset > 0 else { throw reader.corrupt("it names no operator set") }
        return graph
    }

    private mutating func readOpset(_ message: ProtobufReader) throws(InferenceError) {
        var reader = message
        var domain = ""
        var version = 0
        while let (field, wire) = try reader.next() {
            switch (field, wire) {
            case (1, .bytes): domain = try reader.string()
            case (2, .varint): version = Int(truncatingIfNeeded: try reader.varint())
            default: try reader.skip(wire)
            }
        }
        if domain.isEmpty || domain == "ai.onnx" { opset = version }
    }

    private mutating func read(_ message: ProtobufReader) throws(InferenceError) {
        var reader = message
        while let (field, wire) = try reader.next() {
            switch (field, wire) {
            case (1, .bytes): nodes.append(try OnnxNode.parse(try reader.message()))
            case (5, .bytes):
                let (name, tensor) = try OnnxTensorParser.parse(try reader.message())
                constants[name] = tensor
            case (11, .bytes): inputs.append(try OnnxValueInfo.parse(try reader.message()))
            case (12, .bytes): outputs.append(try OnnxValueInfo.parse(try reader.message()))
            default: try reader.skip(wire)
            }
        }
    }
}
