/// A prepared graph: operators in order, the values between them numbered, each released after its last reader.
struct ExecutionPlan: Sendable {
    private struct Step: Sendable {
        let node: PreparedNode
        let reads: [Int?]
        let writes: [Int?]
        var releases: [Int] = []
    }

    /// Names, types and shapes as declared.
    let inputs: [OnnxValueInfo]
    let outputs: [OnnxValueInfo]
    private let steps: [Step]
    /// By slot: the constants; nil where a value is given or made.
    private let initial: [Tensor?]
    private let inputSlots: [Int]
    private let outputSlots: [Int]

    init(_ graph: OnnxGraph, _ nodes: [PreparedNode]) throws(InferenceError) {
        var slots = [String: Int]()
        var initial = [Tensor?]()
        func slot(_ name: String) throws(InferenceError) -> Int? {
            if name.isEmpty { return nil }
            if let known = slots[name] { return known }
            slots[name] = initial.count
            initial.append(try graph.constants[name]?.tensor())
            return initial.count - 1
        }
        // Old exporters list the constants among the inputs too.
        inputs = graph.inputs.filter { graph.constants[$0.name] == nil }
        outputs = graph.outputs
        inputSlots = try inputs.map { (info) throws(InferenceError) in try slot(info.name) }.compactMap(\.self)
        var steps = [Step]()
        for node in nodes {
            let reads = try node.reads.map { (name) throws(InferenceError) in try slot(name) }
            let writes = try node.writes.map { (name) throws(InferenceError) in try slot(name) }
            steps.append(Step(node: node, reads: reads, writes: writes))
        }
        outputSlots = try outputs.map { (info) throws(InferenceError) in try slot(info.source) }.compactMap(\.self)
        self.initial = initial
        self.steps = ExecutionPlan.releasing(steps, constants: initial, keeping: outputSlots)
    }

    /// What runs, in order: name and ONNX type of each node that is left.
    var nodes: [(name: String, type: String)] { steps.map { ($0.node.name, $0.node.type) } }

    /// Bytes of the constants that operators read; what they took in at load is not among them.
    var constantBytes: Int { initial.reduce(0) { $0 + ($1.map { $0.count * $0.type.size } ?? 0) } }

    /// Computes the outputs for as many inputs as are declared, and tells `observer` of each step how long it took.
    func run(
        _ tensors: [Tensor], _ workspace: Workspace, observer: ((PreparedNode, Duration, [Tensor]) -> Void)? = nil
    ) throws(InferenceError) -> [Tensor] {
        var values = initial
        for (slot, tensor) in zip(inputSlots, tensors) { values[slot] = tensor }
        for step in steps {
            let start = observer == nil ? nil : ContinuousClock.now
            let made = try run(step, &values, workspace)
            if let observer, let start { observer(step.node, ContinuousClock.now - start, made) }
            for (slot, tensor) in zip(step.writes, made) {
                if let slot { values[slot] = tensor }
            }
        }
        return try outputSlots.map { (slot) throws(InferenceError) in
            guard let value = values[slot] else { throw missing("an output") }
            return value.copied()
        }
    }

    private func run(_ step: Step, _ values: inout [Tensor?], _ workspace: Workspace) throws(InferenceError) -> [Tensor]
    {
        var inputs = [Tensor?]()
        inputs.reserveCapacity(step.reads.count)
        for slot in step.reads {
            guard let slot else {
                inputs.append(nil)
                continue
            }
            guard let value = values[slot] else { throw missing(step.node.place) }
            inputs.append(value)
        }
        for slot in step.releases { values[slot] = nil }
        let made = try Invocation.perform(
            step.node.kernel, inputs, outputCount: step.writes.count, place: step.node.place, workspace: workspace)
        guard made.count >= step.writes.count else {
            throw InferenceError(
                .unsupportedOperator, what: "The model uses a form of an operator that is not supported",
                place: step.node.place, cause: "only \(made.count) of its \(step.writes.count) outputs are computed",
                remedy: "Export the model without it")
        }
        return made
    }

    private static func releasing(_ steps: [Step], constants: [Tensor?], keeping outputs: [Int]) -> [Step] {
        var steps = steps
        var seen = Set(outputs)
        for index in steps.indices.reversed() {
            let read = Set(steps[index].reads.compactMap(\.self))
            for slot in read where constants[slot] == nil && seen.insert(slot).inserted {
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
