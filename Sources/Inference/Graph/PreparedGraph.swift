/// A graph made ready to run: operators made, constants in place, batch normalisation folded, activations fused.
struct PreparedGraph: Sendable {
    struct Step: Sendable {
        let label: String
        var computation: any Operator
        var inputs: [String]
        var output: String
    }

    private(set) var steps: [Step] = []
    private(set) var constants: [String: Tensor]
    let input: String
    let output: String
    /// After this step a value is needed no more.
    private var lastUse: [String: Int] = [:]

    init(_ graph: OnnxGraph) throws(InferenceError) {
        guard let input = graph.inputs.first, graph.inputs.count == 1, let output = graph.outputs.first else {
            throw InferenceError(
                .modelCorrupt,
                "the model has \(graph.inputs.count) inputs and \(graph.outputs.count) outputs; one is read")
        }
        self.input = input
        self.output = output
        constants = graph.constants
        for node in graph.nodes {
            if node.type == "Constant", case .tensor(let tensor) = node.attributes["value"] {
                constants[node.outputs[0]] = tensor
                continue
            }
            let inputs = node.inputs.filter { !$0.isEmpty }
            steps.append(
                Step(
                    label: node.label, computation: try OperatorLibrary.make(node), inputs: inputs,
                    output: node.outputs[0]))
        }
        try fold()
        for (index, step) in steps.enumerated() {
            for name in step.inputs { lastUse[name] = index }
        }
    }

    func run(_ tensor: Tensor) throws(InferenceError) -> Tensor {
        var values = [input: tensor]
        for (index, step) in steps.enumerated() {
            var inputs: [Tensor] = []
            for name in step.inputs {
                guard let value = values[name] ?? constants[name] else {
                    throw InferenceError(.modelCorrupt, "node \(step.label) reads '\(name)', which nothing computes")
                }
                inputs.append(value)
                if lastUse[name] == index { values[name] = nil }
            }
            do throws(InferenceError) {
                values[step.output] = try step.computation.run(inputs)
            } catch {
                throw InferenceError(error.code, "node \(step.label): \(error.message)")
            }
        }
        guard let result = values[output] else {
            throw InferenceError(.modelCorrupt, "nothing computes the model's output '\(output)'")
        }
        return result
    }

    /// Merges Conv → BatchNormalization and Conv → Relu where nobody else reads what is in between.
    private mutating func fold() throws(InferenceError) {
        var index = 0
        while index + 1 < steps.count {
            guard let convolution = steps[index].computation as? Convolution,
                let next = onlyReader(of: steps[index].output)
            else {
                index += 1
                continue
            }
            if let norm = steps[next].computation as? BatchNormalization,
                let folded = norm.folded(into: convolution, steps[index], steps[next], constants)
            {
                let name = "\(steps[index].output)#folded"
                constants[name + ".w"] = folded.weights
                constants[name + ".b"] = folded.bias
                steps[index].inputs = [steps[index].inputs[0], name + ".w", name + ".b"]
                steps[index].output = steps[next].output
                steps.remove(at: next)
            } else if steps[next].computation is Activation, steps[next].computation as? Activation == .relu {
                var fused = convolution
                fused.clampsAtZero = true
                steps[index].computation = fused
                steps[index].output = steps[next].output
                steps.remove(at: next)
                index += 1
            } else {
                index += 1
            }
        }
    }

    private func onlyReader(of name: String) -> Int? {
        guard name != output else { return nil }
        let readers = steps.indices.filter { steps[$0].inputs.contains(name) }
        return readers.count == 1 ? readers[0] : nil
    }
}
