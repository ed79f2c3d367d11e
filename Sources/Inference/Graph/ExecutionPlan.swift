/// A prepared graph: operators in order, the values between them numbered, each released after its last reader.
struct ExecutionPlan: Sendable {
    private struct Step: Sendable {
        let kernel: any Operator
        let reads: [Int]
        let writes: Int
        var releases: [Int]
        let place: String
    }

    /// The input's name and declared shape.
    let input: OnnxValueInfo
    private let steps: [Step]
    private let initial: [Tensor?]
    private let inputSlot: Int
    private let outputSlot: Int

    init(graph: OnnxGraph, steps: [(node: OnnxNode, prepared: PreparedNode)]) throws(InferenceError) {
        // Old exporters list the constants among the inputs too.
        let inputs = graph.inputs.filter { graph.constants[$0.name] == nil }
        guard inputs.count == 1, graph.outputs.count == 1 else {
            throw InferenceError(
                .unsupportedOperator, what: "The model is not supported", place: "its graph",
                cause: "it has \(inputs.count) inputs and \(graph.outputs.count) outputs",
                remedy: "Export a model with one input and one output")
        }
        var slots = [inputs[0].name: 0]
        var initial: [Tensor?] = [nil]
        func slot(_ name: String) -> Int {
            if let known = slots[name] { return known }
            slots[name] = initial.count
            initial.append(graph.constants[name]?.tensor)
            return initial.count - 1
        }
        var planned = [Step]()
        for (node, prepared) in steps {
            let place = "node \(node.label) of type \(node.type.excerpt)"
            for name in prepared.reads where graph.constants[name].map({ $0.tensor == nil }) ?? false {
                throw InferenceError(
                    .unsupportedOperator, what: "The model computes with integers", place: place,
                    cause: "\(name.excerpt) is an integer constant", remedy: "Export the model in float32")
            }
            planned.append(
                Step(
                    kernel: prepared.kernel, reads: prepared.reads.map(slot), writes: slot(node.outputs[0]),
                    releases: [], place: place))
        }
        input = inputs[0]
        inputSlot = 0
        outputSlot = slot(graph.outputs[0].name)
        self.initial = initial
        self.steps = ExecutionPlan.releasing(planned, constants: initial, keeping: outputSlot)
    }

    /// Computes the output for one input.
    func run(_ tensor: Tensor) throws(InferenceError) -> Tensor {
        var values = initial
        values[inputSlot] = tensor
        for step in steps {
            var inputs = [Tensor]()
            for slot in step.reads {
                guard let value = values[slot] else { throw missing(step.place) }
                inputs.append(value)
            }
            for slot in step.releases { values[slot] = nil }
            values[step.writes] = try step.kernel.run(inputs).first
        }
        guard let output = values[outputSlot] else { throw missing("the output") }
        return output
    }

    private static func releasing(_ steps: [Step], constants: [Tensor?], keeping output: Int) -> [Step] {
        var steps = steps
        var seen: Set<Int> = [output]
        for index in steps.indices.reversed() {
            for slot in Set(steps[index].reads) where constants[slot] == nil && seen.insert(slot).inserted {
                steps[index].releases.append(slot)
            }
        }
        return steps
    }

    private func missing(_ place: String) -> InferenceError {
        InferenceError(
            .modelCorrupt, what: "The model makes no sense", place: place, cause: "a value it reads is never made",
            remedy: "Export the model again")
    }
}
