extension Invocation {
    /// Runs an operator on inputs of any type, converting what it does not compute with and its results back.
    static func perform(
        _ kernel: any Operator, _ inputs: [Tensor?], outputCount: Int, place: String, workspace: Workspace?
    ) throws(InferenceError) -> [Tensor] {
        let foreign = inputs.lazy.compactMap { $0?.type }.first { kernel.arithmetic.converts($0) }
        guard let foreign else {
            let call = Invocation(inputs, outputCount: outputCount, place: place, workspace: workspace)
            return try withExtendedLifetime(call) { () throws(InferenceError) in try kernel.run(call) }
        }
        let converted = inputs.map { input in
            guard let input, kernel.arithmetic.converts(input.type) else { return input }
            return input.converted(to: .float32)
        }
        let call = Invocation(converted, outputCount: outputCount, place: place, workspace: workspace)
        let outputs = try withExtendedLifetime(call) { () throws(InferenceError) in try kernel.run(call) }
        return outputs.map { $0.type == .float32 ? $0.converted(to: foreign) : $0 }
    }
}
