@testable import Inference

/// Changes what a graph says while it stays a graph: what byte-wise damage seldom reaches past the reader.
struct GraphMutator {
    var random: SeededGenerator

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    /// Changes attributes, constants, operators, wires and declared inputs, one to three of them.
    mutating func change(_ graph: OnnxGraph) throws -> OnnxGraph {
        var graph = graph
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let index = Int.random(in: 0..<max(graph.nodes.count, 1), using: &random)
            guard index < graph.nodes.count else { break }
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4: graph.nodes[index] = try attribute(of: graph.nodes[index])
            case 4, 5: try constant(in: &graph)
            case 6: graph.nodes[index].type = Model.supportedOperators.randomElement(using: &random) ?? "Relu"
            case 7: rewire(&graph, index)
            case 8: graph.opset = Int.random(in: 6...26, using: &random)
            default:
                guard !graph.nodes[index].inputs.isEmpty else { break }
                let position = Int.random(in: 0..<graph.nodes[index].inputs.count, using: &random)
                if Bool.random(using: &random) {
                    graph.nodes[index].inputs[position] = ""
                } else {
                    graph.nodes[index].inputs.remove(at: position)
                }
            }
        }
        return graph
    }

    /// An input of another shape or type, every now and then.
    mutating func change(_ tensor: Tensor) throws -> Tensor {
        guard Int.random(in: 0..<3, using: &random) == 0 else { return tensor }
        var shape = tensor.shape
        switch Int.random(in: 0..<4, using: &random) {
        case 0: shape.append(Int.random(in: 0...3, using: &random))
        case 1 where !shape.isEmpty: shape.removeLast()
        case 2 where !shape.isEmpty:
            shape[Int.random(in: 0..<shape.count, using: &random)] = Int.random(in: 0...9, using: &random)
        default: return tensor.converted(to: ElementType.allCases.randomElement(using: &random) ?? .int64)
        }
        return try Samples.tensor(shape, seed: random.next()).converted(to: tensor.type)
    }

    private mutating func number() -> Int {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: Int.random(in: -3...8, using: &random)
        case 1: Int.random(in: -100...5000, using: &random)
        case 2: [0, 1, -1, .max, .min, 1 << 20, 1 << 27, 1 << 31, -1 << 31, 1 << 62].randomElement(using: &random) ?? 0
        default: 1 << Int.random(in: 0..<63, using: &random)
        }
    }

    private mutating func attribute(of node: OnnxNode) throws -> OnnxNode {
        var node = node
        let known = [
            "axis", "axes", "pads", "strides", "dilations", "kernel_shape", "group", "perm", "split", "keepdims",
            "ceil_mode", "starts", "ends", "output_padding", "output_shape", "size", "blocksize", "num_outputs", "to",
            "shape", "alpha", "epsilon", "p", "scales", "allowzero", "start", "end", "num_groups", "min", "max",
        ]
        let names = node.attributes.keys.sorted() + [known.randomElement(using: &random) ?? "axis"]
        let name = names.randomElement(using: &random) ?? "axis"
        switch node.attributes[name] {
        case .integer: node.attributes[name] = .integer(number())
        case .float: node.attributes[name] = .float(Float(number()))
        case .floats(let values): node.attributes[name] = .floats(values.map { _ in Float(number()) })
        case .integers(var values):
            if !values.isEmpty, Int.random(in: 0..<3, using: &random) > 0 {
                values[Int.random(in: 0..<values.count, using: &random)] = number()
            } else if Bool.random(using: &random) {
                values.append(number())
            } else {
                values = values.dropLast()
            }
            node.attributes[name] = .integers(values)
        case nil:
            let count = Int.random(in: 0...4, using: &random)
            node.attributes[name] =
                Bool.random(using: &random)
                ? .integer(number()) : .integers((0..<count).map { _ in number() })
        default: node.attributes[name] = nil
        }
        return node
    }

    private mutating func constant(in graph: inout OnnxGraph) throws {
        guard let name = graph.constants.keys.sorted().randomElement(using: &random),
            let known = try graph.constants[name]?.tensor()
        else { return }
        let count = Int.random(in: 0...3, using: &random)
        let tensor: Tensor
        if known.type.isFloating {
            tensor = try change(known)
        } else if Bool.random(using: &random), known.count > 0 {
            var values = known.elements(as: Int64.self)
            values[Int.random(in: 0..<values.count, using: &random)] = Int64(number())
            tensor = try Tensor(shape: known.shape, elements: values).converted(to: known.type)
        } else {
            tensor = try Tensor(shape: [count], elements: (0..<count).map { _ in Int64(number()) })
                .converted(to: known.type)
        }
        graph.constants[name] = OnnxTensor(
            name: name, shape: tensor.shape, type: tensor.type, content: .tensor(tensor))
    }

    private mutating func rewire(_ graph: inout OnnxGraph, _ index: Int) {
        let values = graph.nodes.flatMap(\.outputs) + graph.inputs.map(\.name) + graph.constants.keys.sorted()
        guard let value = values.randomElement(using: &random), !graph.nodes[index].inputs.isEmpty else { return }
        graph.nodes[index].inputs[Int.random(in: 0..<graph.nodes[index].inputs.count, using: &random)] = value
    }
}
