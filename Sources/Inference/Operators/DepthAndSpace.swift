/// DepthToSpace and SpaceToDepth: blocks of pixels become channels, and back.
struct DepthAndSpace: Operator {
    static let types = ["DepthToSpace", "SpaceToDepth"]

    private let toSpace: Bool
    private let block: Int
    /// Whether the channel is the outermost of the three parts that channels consist of.
    private let channelFirst: Bool

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        let block = try node.integer("blocksize", default: 0)
        guard block > 0, block <= Window.valueMax else { throw node.corrupt("its blocks have the size \(block)") }
        return DepthAndSpace(
            toSpace: node.node.type == "DepthToSpace", block: block,
            channelFirst: try node.string("mode", default: "DCR") == "CRD")
    }

    var arithmetic: Arithmetic { .anyElement }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.rowMajor(0)
        let shape = input.shape
        guard shape.count == 4 else { throw call.mismatch("its input has the shape \(shape)") }
        let fits = toSpace ? shape[1] % (block * block) == 0 : shape[2] % block == 0 && shape[3] % block == 0
        guard fits else { throw call.mismatch("blocks of \(block) do not fit the shape \(shape)") }
        let (target, parts, order): ([Int], [Int], [Int])
        if toSpace {
            let depth = shape[1] / (block * block)
            target = [shape[0], depth, shape[2] * block, shape[3] * block]
            let channels = channelFirst ? [depth, block, block] : [block, block, depth]
            parts = [shape[0]] + channels + [shape[2], shape[3]]
            order = channelFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]
        } else {
            let (height, width) = (shape[2] / block, shape[3] / block)
            target = [shape[0], shape[1] * block * block, height, width]
            parts = [shape[0], shape[1], height, block, width, block]
            order = channelFirst ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4]
        }
        let strides = Layout.rowMajor.strides(parts)
        let result = try call.output(target, input.type)
        StridedCopy(
            shape: order.map { parts[$0] }, strides: order.map { strides[$0] }, elementSize: input.type.size
        ).run(from: input.storage.start, to: result.storage.start)
        return [result]
    }
}
