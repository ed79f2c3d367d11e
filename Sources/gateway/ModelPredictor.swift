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

    /// - Parameters:
    ///   - predictor: Classifies.
    ///   - threads: How many pictures are classified at once.
    init(_ predictor: Tasks.Predictor, threads: Int) {
        self.predictor = predictor
        self.threads = BlockingPool(label: "tq-predict", threads: threads)
    }

    func predict(_ image: [UInt8], version: String?, topK: Int) async throws -> JSONValue {
        let prediction = try await asking { () throws(InferenceError) in
            try predictor.predict(image, version: version, topK: topK)
        }
        return try PayloadCodec.decode(
            JSONValue.self, from: try PayloadCodec.encode(PredictImage.Output(prediction)))
    }

    func models() async throws -> [JSONValue] {
        let versions: [String]
        do throws(PredictionError) {
            versions = try await asking { () throws(InferenceError) in try predictor.versions() }
        } catch {
            // Where no model is, there is none to list.
            guard error.cause == .unknownModel else { throw error }
            return []
        }
        var models: [JSONValue] = []
        for version in versions {
            if let model = try await model(version) { models.append(model) }
        }
        return models
    }

    func model(_ version: String) async throws -> JSONValue? {
        do throws(PredictionError) {
            let found = try await asking { () throws(InferenceError) in
                try predictor.description(of: version)
            }
            var members: [String: JSONValue] = [
                "model": .text(found.model), "version": .text(found.version),
                "labels": .array(found.labels.map(JSONValue.text)),
            ]
            members["flaw"] = found.flaw.map { .text("\($0)") }
            return .object(members)
        } catch {
            // One that is missing answers nobody.
            return nil
        }
    }

    private func asking<Value: Sendable>(
        _ body: @escaping @Sendable () throws(InferenceError) -> Value
    ) async throws(PredictionError) -> Value {
        let result = await threads.run { Result { () throws(InferenceError) in try body() } }
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
