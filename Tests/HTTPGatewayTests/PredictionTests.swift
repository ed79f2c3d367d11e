import HTTPGateway
import NIOHTTP1
import TaskQueue
import Testing

@Suite("Classifying over HTTP", .timeLimit(.minutes(1)))
struct PredictionTests {
    /// A model of which some versions are damaged, the one in force as `nil`.
    private struct Models: Predictor {
        let damaged: Set<String?>

        func predict(_ image: [UInt8], version: String?, topK: Int) async throws -> JSONValue {
            if damaged.contains(version) { throw PredictionError(.broken, "the model is damaged") }
            return .object(["label": .text("trout")])
        }

        func models() async throws -> [JSONValue] {
            if damaged.contains("all") { throw PredictionError(.broken, "the folder can't be read") }
            return []
        }
        func model(_ version: String) async throws -> JSONValue? { nil }
    }

    @Test("a damaged version that somebody insists on is no reason to refuse the others")
    func insistedOn() async throws {
        try await Served.run(predictor: Models(damaged: ["v2"])) { served in
            for _ in 0..<20 {
                let answer = try await served.ask(.POST, "/predict?model_version=v2", "picture")
                #expect(answer.status == 503 && answer.body.contains("damaged"))
            }
            #expect(try await served.ask(.POST, "/predict", "picture").status == 200)
            #expect(try await served.ask(.POST, "/predict?model_version=v1", "picture").status == 200)
        }
    }

    @Test("models that can't be listed are a trouble of this moment, and none are no trouble")
    func list() async throws {
        try await Served.run(predictor: Models(damaged: ["all"])) { served in
            let answer = try await served.ask(.GET, "/models")
            #expect(answer.status == 503 && answer.body.contains("can't be read"))
        }
        try await Served.run(predictor: Models(damaged: [])) { served in
            let answer = try await served.ask(.GET, "/models")
            #expect(answer.status == 200 && answer.body.contains("[]"))
        }
    }

    @Test(
        "while the version in force is damaged it is left alone, whoever gets on with another",
        arguments: ["", "latest"])
    func inForce(_ name: String) async throws {
        let query = name.isEmpty ? "" : "?model_version=\(name)"
        try await Served.run(predictor: Models(damaged: [nil, "latest"])) { served in
            for _ in 0..<5 {
                let failed = try await served.ask(.POST, "/predict\(query)", "picture")
                #expect(failed.status == 503 && failed.body.contains("damaged"))
            }
            let other = try await served.ask(.POST, "/predict?model_version=v1", "picture")
            #expect(other.status == 200)
            let refused = try await served.ask(.POST, "/predict\(query)", "picture")
            #expect(refused.status == 503 && refused.body.contains("keeps failing"))
        }
    }
}
