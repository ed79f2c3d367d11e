/// One operator call of a model file.
struct OnnxNode: Sendable {
    var name = ""
    var type = ""
    var domain = ""
    var inputs: [String] = []
    var outputs: [String] = []
    var attributes: [String: OnnxAttribute] = [:]
    /// What a convolution applies to its result: taken over from nodes after it while the graph is prepared.
    var affine: ChannelAffine?

    /// How messages name it.
    var place: String { "node \(label) of type \(type.excerpt)" }

    /// The node's name, or its first output's where it has none.
    var label: String { name.isEmpty ? (outputs.first ?? "").excerpt : name.excerpt }

    static func parse(_ message: ProtobufReader, folder: String?) throws(InferenceError) -> OnnxNode {
        var reader = message
        var node = OnnxNode()
        while let (field, wire) = try reader.next() {
            switch (field, wire) {
            case (1, .bytes): node.inputs.append(try reader.string())
            case (2, .bytes): node.outputs.append(try reader.string())
            case (3, .bytes): node.name = try reader.string()
            case (4, .bytes): node.type = try reader.string()
            case (5, .bytes):
                let (name, value) = try OnnxAttribute.parse(try reader.message(), folder: folder)
                node.attributes[name] = value
            case (7, .bytes): node.domain = try reader.string()
            default: try reader.skip(wire)
            }
        }
        return node
    }
}
