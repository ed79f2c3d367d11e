import Foundation
import Inference
import TaskQueue
import Tasks
import TestSupport
import Testing

@Suite("Predicting many", .timeLimit(.minutes(2)))
struct PredictionBatchTests {
    private func run(
        cache: PredictionCache = PredictionCache(bytesMax: 0, lifetime: .zero), _ body: (Workshop) async throws -> Void
    ) async throws {
        let workshop = try await Workshop()
        try await withHTTP { http in
            var registry = TaskRegistry()
            let source = ImageSource(allowedPrefixes: [], http: http)
            registry.register(batch: PredictImage(models: Repository.models, source: source, cache: cache))
            try await workshop.run(registry) { try await body(workshop) }
        }
    }

    private func pictures() throws -> [[UInt8]] {
        let folder = "models/fish/held-out"
        return try ["salmon", "trout", "tilapia", "empty"].flatMap { label in
            let names = try FileManager.default.contentsOfDirectory(
                atPath: Repository.root.appending(path: "\(folder)/\(label)").path
            ).sorted().prefix(3)
            return try names.map { try Repository.bytes("\(folder)/\(label)/\($0)") }
        }
    }

    @Test("pictures queued together are each answered as they would be alone, and a bad one fails alone")
    func batch() async throws {
        let classifier = try ModelRegistry(folder: Repository.models).classifier("fish")
        let pictures = try pictures()
        try await run { workshop in
            var inputs = pictures.map { PredictImage.Input(image: $0, topK: 6) }
            inputs.insert(PredictImage.Input(image: Array(pictures[0].prefix(500))), at: 5)
            let receipts = try await workshop.client.enqueue(PredictImage.self, all: inputs)
            var answers: [PredictImage.Output] = []
            for (index, receipt) in receipts.enumerated() {
                guard case .accepted(let id) = receipt else {
                    Issue.record("not accepted")
                    continue
                }
                let record = try await workshop.bench.reach(id) { $0.state.isFinal }
                #expect(record.state == (index == 5 ? .failure : .success))
                if index == 5 {
                    #expect(record.failure?.message.hasPrefix("imageCorrupt: ") == true && record.attempt == 1)
                } else {
                    answers.append(try record.output(PredictImage.Output.self))
                }
            }
            #expect(answers.count == pictures.count)
            for (answer, picture) in zip(answers, pictures) {
                #expect(answer.top == (try classifier.classify(picture, topK: 6)).top)
            }
        }
    }

    @Test("the same picture again is remembered, with as many labels as are asked for")
    func cached() async throws {
        let picture = try pictures()[0]
        try await run(cache: PredictionCache(bytesMax: 1 << 20, lifetime: .seconds(600))) { workshop in
            var answers: [PredictImage.Output] = []
            for topK in [1, 6] {
                let receipt = try await workshop.client.enqueue(
                    PredictImage.self, PredictImage.Input(image: picture, topK: topK))
                answers.append(try await workshop.outcome(receipt).output(PredictImage.Output.self))
            }
            #expect(answers.map(\.cached) == [false, true])
            #expect(answers.map(\.top.count) == [1, 6])
            #expect(answers[0].top.first == answers[1].top.first)
        }
    }
}
