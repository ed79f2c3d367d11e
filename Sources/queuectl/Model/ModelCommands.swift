import ArgumentParser
import Assembly
import Foundation
import Inference

/// `queuectl model …`.
struct ModelCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Runs, measures and judges models.",
        subcommands: [Evaluate.self, ModelInspect.self, ModelRun.self, ModelProfiling.self, ModelTiming.self])
}

/// `queuectl model evaluate`.
struct Evaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Classifies labelled pictures and prints the accuracy and the confusion matrix.")
    @OptionGroup var common: CommonOptions
    @Argument(help: "The model's name.") var name = "fish"
    @Option(help: "The version; the newest if absent.") var version: String?
    @Option(help: "A folder of <label>/*.jpg; the model's own held-out pictures if absent.") var images: String?

    @Flag(help: "Print the shares of the answers as JSON, for the manifest's key 'reference'.") var reference = false
    @Option(help: "Where the confusion matrix goes as a picture, an SVG file.") var picture: String?

    private struct View: Encodable {
        let model: String
        let version: String
        let pictures: Int
        let accuracy: Double
        let labels: [String]
        let confusion: [[Int]]
    }

    func run() async throws {
        try await ExitStatus.reporting {
            let settings = try await common.settings()
            let classifier = try ModelRegistry(folder: settings.modelsFolder).classifier(name, version: version)
            let folder = images ?? "\(settings.modelsFolder)/\(name)/held-out"
            let evaluation = try ModelEvaluation.run(classifier, folder: folder)
            if let picture {
                try Data(ConfusionPicture(evaluation).svg.utf8).write(to: URL(fileURLWithPath: picture))
            }
            if reference {
                Output.json(evaluation.reference)
                return .done
            }
            if common.json {
                Output.json(
                    View(
                        model: name, version: classifier.modelVersion, pictures: evaluation.count,
                        accuracy: evaluation.accuracy, labels: evaluation.labels, confusion: evaluation.confusion))
                return .done
            }
            Output.line(evaluation.table)
            Output.line("\(name)/\(classifier.modelVersion), OpenBLAS kernels: \(LinearAlgebra.coreName)")
            return .done
        }
    }
}
