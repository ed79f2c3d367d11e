/// What a node became when it was prepared: what runs, and the values it reads and makes.
struct PreparedNode: Sendable {
    var kernel: any Operator
    /// The values it reads, by position; empty where one is left out or was taken in at load.
    var reads: [String]
    var writes: [String]
    let name: String
    let type: String
    let place: String

    init(_ node: OnnxNode, _ kernel: any Operator) {
        self.kernel = kernel
        reads = node.inputs.indices.map { kernel.absorbed.contains($0) ? "" : node.inputs[$0] }
        writes = node.outputs
        name = node.name.isEmpty ? node.outputs.first ?? "" : node.name
        type = node.type
        place = node.place
    }
}
