import ArgumentParser
import Assembly
import Foundation
import Inference

/// `queuectl model profile`.
struct ModelProfiling: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile", abstract: "Says what each node of a model costs: the best of several runs.")
    @OptionGroup var given: ModelInputs
    @Option(help: "How many runs.") var runs = 11

    func run() async throws {
        try await ExitStatus.reporting {
            let model = try Model(path: given.file)
            let inputs = try given.tensors(for: model)
            _ = try model.run(inputs)
            let profiles = try (0..<max(runs, 1)).map { _ in try model.profile(inputs) }
            var byType = [String: Double]()
            var total = 0.0
            for (index, node) in profiles[0].nodes.enumerated() {
                let time = profiles.map { $0.nodes[index].milliseconds }.min() ?? 0
                byType[node.type, default: 0] += time
                total += time
                let shape = node.shape.map(String.init).joined(separator: "x")
                Output.line("\(milliseconds(time))  \(node.type)  \(shape)  \(node.name)")
            }
            for (type, time) in byType.sorted(by: { $0.value > $1.value }) {
                Output.line("\(milliseconds(time))  all \(type)")
            }
            Output.line("\(milliseconds(total))  in all, on \(Kernels.name); OpenBLAS: \(LinearAlgebra.coreName)")
            return .done
        }
    }

    private func milliseconds(_ value: Double) -> String { String(format: "%9.3f ms", value) }
}
