import ArgumentParser
import Assembly
import Foundation
import Inference

/// `queuectl model run`.
struct ModelRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs a model file on raw values and writes the raw values it answers.")
    @OptionGroup var given: ModelInputs
    @Option(
        name: .customLong("output"),
        help: "Where an output's raw values go, little-endian, row by row; once for each output.")
    var outputs: [String] = []

    func run() async throws {
        try await ExitStatus.reporting {
            let model = try Model(path: given.file)
            let answers = try model.run(try given.tensors(for: model))
            for (index, answer) in answers.enumerated() {
                Output.line("\(model.summary.outputs[index].name): \(answer.type), shape \(answer.shape)")
                guard index < outputs.count else { continue }
                try Data(answer.bytes).write(to: URL(fileURLWithPath: outputs[index]), options: .atomic)
            }
            return .done
        }
    }
}
