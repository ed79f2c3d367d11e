import Blocking
import HTTPGateway
import Inference
import TaskQueue
import Tasks

/// Classifies by the code that the task runs, with its remembered answers, its budget and its metrics, on threads of its
/// own.
struct ModelPredictor: HTTPGateway.Predictor {
    private let predictor: Tasks.Predictor
    private let threads: BlockingPool

    init(_ predictor: Tasks.Predictor, threads: Int) {
        self.predictor = predictor
        self.threads = BlockingPool(label: "tq-predict", threads: threads)
    }

    func predict(_ image: [UInt8], version: String?, topK: Int) async throws -> JSONValue {
        let prediction = try await asking { predictor throws(InferenceError) in
            try predictor.predict(image, version: version, topK: topK)
        }
        return try PayloadCodec.decode(
            JSONValue.self, from: try PayloadCodec.encode(PredictImage.Output(prediction)))
    }

    func models() async throws -> [JSONValue] {
        var models: [JSONValue] = []
        for version in try await asking({ predictor throws(InferenceError) in try predictor.versions() }) {
            if let model = try await model(version) { models.append(model) }
        }
        return models
    }

    func model(_ version: String) async throws -> JSONValue? {
        do throws(PredictionError) {
            let classifier = try await asking { predictor throws(InferenceError) in
                try predictor.classifier(version)
            }
            return .object([
                "model": .text(classifier.model), "version": .text(classifier.modelVersion),
                "labels": .array(classifier.labels.map(JSONValue.text)),
            ])
        } catch {
            // One that is missing or damaged answers nobody.
            return nil
        }
    }

    private func asking<Value: Sendable>(
        _ body: @escaping @Sendable (Tasks.Predictor) throws(InferenceError) -> Value
    ) async throws(PredictionError) -> Value {
        let result = await threads.run { [predictor] in
            Result { () throws(InferenceError) in try body(predictor) }
        }
        do throws(InferenceError) {
            return try result.get()
        } catch {
            throw PredictionError(Self.cause(error.code), "\(error)")
        }
    }

    private static func cause(_ code: InferenceError.Code) -> PredictionError.Cause {
        switch code {
        case .unsupportedFormat, .imageTooLarge, .imageCorrupt: .badPicture
        case .modelMissing, .invalidArgument: .unknownModel
        default: .broken
        }
    }
}
