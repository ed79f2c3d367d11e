import Blocking
import Foundation
import HTTPGateway
import Inference
import Metrics
import TaskQueue

/// Classifies with the models of a folder, on threads of its own, by the code that the task runs.
struct ModelPredictor: Predictor {
    private let registry: ModelRegistry
    private let folder: String
    private let threads: BlockingPool

    private static let name = "fish"

    init(folder: String, threads: Int) {
        self.folder = folder
        registry = ModelRegistry(folder: folder)
        self.threads = BlockingPool(label: "tq-predict", threads: threads)
    }

    func predict(_ image: [UInt8], version: String?, topK: Int) async throws -> JSONValue {
        let result: Result<Classification, InferenceError> = await threads.run { [registry] in
            Result { () throws(InferenceError) in
                try registry.classifier(Self.name, version: version).classify(image, topK: topK)
            }
        }
        switch result {
        case .success(let answer):
            count(answer)
            return Self.view(answer)
        case .failure(let error): throw PredictionError(Self.cause(error.code), "\(error)")
        }
    }

    func models() async throws -> [JSONValue] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(Self.name)")) ?? []
        var models: [JSONValue] = []
        for version in entries.sorted() {
            guard FileManager.default.fileExists(atPath: "\(folder)/\(Self.name)/\(version)/manifest.json") else {
                continue
            }
            if let model = try await model(version) { models.append(model) }
        }
        return models
    }

    func model(_ version: String) async throws -> JSONValue? {
        let classifier = await threads.run { [registry] in try? registry.classifier(Self.name, version: version) }
        guard let classifier else { return nil }
        return .object([
            "model": .text(classifier.model), "version": .text(classifier.modelVersion),
            "labels": .array(classifier.labels.map(JSONValue.text)),
        ])
    }

    private func count(_ answer: Classification) {
        let dimensions = [("model", answer.model), ("version", answer.modelVersion)]
        Counter(label: "ml_predictions_total", dimensions: dimensions + [("label", answer.label)]).increment()
        Timer(label: "ml_prediction_duration_seconds", dimensions: dimensions + [("stage", "total")])
            .recordNanoseconds(Int64(answer.inferenceMilliseconds * 1e6))
    }

    private static func view(_ answer: Classification) -> JSONValue {
        .object([
            "label": .text(answer.label), "confidence": .number(answer.confidence),
            "top": .array(
                answer.top.map { .object(["label": .text($0.label), "confidence": .number($0.confidence)]) }),
            "model": .text(answer.model), "model_version": .text(answer.modelVersion),
            "width": .integer(Int64(answer.width)), "height": .integer(Int64(answer.height)),
            "inference_ms": .number((answer.inferenceMilliseconds * 1000).rounded() / 1000), "cached": .bool(false),
        ])
    }

    private static func cause(_ code: InferenceError.Code) -> PredictionError.Cause {
        switch code {
        case .unsupportedFormat, .imageTooLarge, .imageCorrupt: .badPicture
        case .modelMissing, .invalidArgument: .unknownModel
        default: .broken
        }
    }
}
