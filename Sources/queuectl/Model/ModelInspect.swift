import ArgumentParser
import Assembly
import Inference

/// `queuectl model inspect`.
struct ModelInspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Says what a model file takes, gives and consists of.")
    @Argument(help: "An ONNX file.") var file: String
    @Flag(help: "JSON on standard output and nothing else there.") var json = false

    private struct Value: Encodable {
        let name: String
        let type: String
        let shape: [Int?]?

        init(_ value: ModelSummary.Value) {
            name = value.name
            type = value.type.map { "\($0)" } ?? "unknown"
            shape = value.shape
        }

        var text: String {
            let sizes = shape?.map { $0.map(String.init) ?? "any" }.joined(separator: " x ")
            return "\(name): \(type), \(sizes ?? "any shape")"
        }
    }

    private struct View: Encodable {
        let producer: String
        let opset: Int
        let parameters: Int
        let inputs: [Value]
        let outputs: [Value]
        let operators: [String: Int]
        let preparedNodes: Int
        let kernels: String
        let openBLAS: String
    }

    func run() async throws {
        try await ExitStatus.reporting {
            let summary = try Model(path: file).summary
            let view = View(
                producer: summary.producer, opset: summary.opset, parameters: summary.parameters,
                inputs: summary.inputs.map(Value.init), outputs: summary.outputs.map(Value.init),
                operators: summary.operators, preparedNodes: summary.preparedNodes, kernels: Kernels.name,
                openBLAS: LinearAlgebra.coreName)
            if json { Output.json(view) } else { show(view) }
            return .done
        }
    }

    private func show(_ view: View) {
        for input in view.inputs { Output.line("input       \(input.text)") }
        for output in view.outputs { Output.line("output      \(output.text)") }
        Output.line(
            "opset       \(view.opset), written by \(view.producer.isEmpty ? "an unknown tool" : view.producer)")
        Output.line("parameters  \(view.parameters)")
        let operators = view.operators.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        Output.line("operators   \(operators.joined(separator: ", "))")
        Output.line("to run      \(view.preparedNodes) nodes after folding and fusing")
        Output.line("kernels     \(view.kernels); OpenBLAS: \(view.openBLAS)")
    }
}
