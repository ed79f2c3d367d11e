import HTTPTypes
import Hummingbird
import TaskQueue

extension Gateway {
    /// Classifying at once, without a task.
    var predictionRoutes: [Route] {
        guard let predictor else { return [] }
        return [
            Route(.post, "/predict", .enqueue) { try await predict($0, predictor) },
            Route(.post, "/predict/batch", .enqueue) { try await predictMany($0, predictor) },
            Route(.get, "/models", .read) { _ in .json(["models": try await models(predictor)]) },
            Route(.get, "/models/{version}", .read) { try await model($0, predictor) },
        ]
    }

    private func predict(_ asked: GatewayRequest, _ predictor: any Predictor) async throws -> Response {
        let choice = try PredictionChoice(asked)
        let body = try await asked.body(atMost: configuration.bodyBytesMax, within: configuration.bodyTimeout)
        var picture = body
        if let type = asked.headers[.contentType], let boundary = MultipartForm.boundary(in: type) {
            guard let file = try MultipartForm.files(named: "file", in: body, boundary: boundary).first else {
                throw Problem(.invalidInput, "file: is missing", field: "file")
            }
            picture = file
        }
        return .json(try await predict(picture, choice, predictor))
    }

    private func predictMany(_ asked: GatewayRequest, _ predictor: any Predictor) async throws -> Response {
        let choice = try PredictionChoice(asked)
        let body = try await asked.body(atMost: configuration.bodyBytesMax, within: configuration.bodyTimeout)
        guard let boundary = asked.headers[.contentType].flatMap(MultipartForm.boundary) else {
            throw Problem(.invalidInput, "the body must be multipart/form-data with parts named 'file'")
        }
        let files = try MultipartForm.files(named: "file", in: body, boundary: boundary)
        guard !files.isEmpty else { throw Problem(.invalidInput, "file: is missing", field: "file") }
        var predictions: [JSONValue] = []
        for file in files {
            do {
                predictions.append(try await predict(file, choice, predictor))
            } catch let problem as Problem where problem.kind == .invalidInput {
                // One bad picture is told in its place.
                predictions.append(.object(["error": .text(problem.detail)]))
            }
        }
        return .json(["predictions": predictions])
    }

    private func predict(
        _ picture: [UInt8], _ choice: PredictionChoice, _ predictor: any Predictor
    ) async throws -> JSONValue {
        guard !picture.isEmpty else { throw Problem(.invalidInput, "the picture is empty", field: "file") }
        do {
            return try await gate.run(insisting: choice.insists) {
                try await predictor.predict(picture, version: choice.version, topK: choice.topK)
            }
        } catch let error as PredictionError {
            throw Problem(error)
        }
    }

    private func models(_ predictor: any Predictor) async throws -> [JSONValue] {
        do {
            return try await predictor.models()
        } catch let error as PredictionError {
            throw Problem(error)
        }
    }

    private func model(_ asked: GatewayRequest, _ predictor: any Predictor) async throws -> Response {
        let version = try asked.parameter("version")
        guard PredictionChoice.isVersion(version), let model = try await predictor.model(version) else {
            throw Problem(.unknownID, "no model has this version; GET /models lists them")
        }
        return .json(model)
    }
}

/// What a caller may choose about a prediction.
private struct PredictionChoice: Sendable {
    let version: String?
    let topK: Int
    /// Whether the caller names a version rather than taking the one in force.
    var insists: Bool { version != nil && version != "latest" }

    init(_ asked: GatewayRequest) throws {
        topK = try asked.number("top_k", in: 1...100, default: 3)
        version = asked.query("model_version")
        if let version, !Self.isVersion(version) {
            throw Problem(
                .badRequest, "model_version: must be 1 to 64 letters, digits, '.', '_' or '-'", field: "model_version")
        }
    }

    static func isVersion(_ text: String) -> Bool {
        text.utf8.count <= 64 && GatewayRequest.isQueueName(text) && !text.contains(":")
    }
}

extension Problem {
    fileprivate init(_ error: PredictionError) {
        switch error.cause {
        case .badPicture: self.init(.invalidInput, error.detail, field: "file")
        case .unknownModel: self.init(.unknownID, error.detail, field: "model_version")
        case .broken: self.init(.unavailable, error.detail, retryAfter: .seconds(1))
        }
    }
}
