/// A model file's graph as it stands there.
struct OnnxGraph: Sendable {
    /// The first operator set whose models are read.
    static let opsetMin = 6

    /// Version of the default operator set.
    var opset = 0
    /// What wrote the file, and its version.
    var producer = ""
    var nodes: [OnnxNode] = []
    var constants: [String: OnnxTensor] = [:]
    var inputs: [OnnxValueInfo] = []
    var outputs: [OnnxValueInfo] = []

    /// Reads a ModelProto; throws `modelCorrupt`, or `unsupportedOperator` for kinds of data that are not read.
    ///
    /// `folder` is where the model's external data lies; nil when it does not come from a file.
    static func parse(_ source: ByteSource, folder: String? = nil) throws(InferenceError) -> OnnxGraph {
        var reader = ProtobufReader(source)
        var graph = OnnxGraph()
        var hasGraph = false
        while let (field, wire) = try reader.next() {
            switch (field, wire) {
            case (2, .bytes), (3, .bytes):
                graph.producer += graph.producer.isEmpty ? "" : " "
                graph.producer += try reader.string()
            case (7, .bytes):
                hasGraph = true
                try graph.read(try reader.message(), folder)
            case (8, .bytes): try graph.readOpset(try reader.message())
            default: try reader.skip(wire)
            }
        }
        guard hasGraph else { throw reader.corrupt("it holds no graph") }
        guard graph.opset > 0 else { throw reader.corrupt("it names no operator set") }
        guard graph.opset >= opsetMin else {
            throw InferenceError(
                .unsupportedOperator, what: "The model is not supported", place: "its operator set",
                cause: "it is number \(graph.opset), before \(opsetMin)", remedy: "Export the model with opset 17")
        }
        return graph
    }

    /// How many times each value is read by nodes or is an output of the graph.
    var readers: [String: Int] {
        var count = [String: Int]()
        for node in nodes {
            for input in node.inputs { count[input, default: 0] += 1 }
        }
        for output in outputs { count[output.source, default: 0] += 1 }
        return count
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

    private mutating func read(_ message: ProtobufReader, _ folder: String?) throws(InferenceError) {
        var reader = message
        while let (field, wire) = try reader.next() {
            switch (field, wire) {
            case (1, .bytes): nodes.append(try OnnxNode.parse(try reader.message(), folder: folder))
            case (5, .bytes):
                let tensor = try OnnxTensorParser.parse(try reader.message(), folder: folder)
                constants[tensor.name] = tensor
            case (11, .bytes): inputs.append(try OnnxValueInfo.parse(try reader.message()))
            case (12, .bytes): outputs.append(try OnnxValueInfo.parse(try reader.message()))
            default: try reader.skip(wire)
            }
        }
    }
}
