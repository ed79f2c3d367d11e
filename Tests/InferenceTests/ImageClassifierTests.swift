import Foundation
import Testing

@testable import Inference

@Suite("Classifying")
struct ImageClassifierTests {
    private let registry = ModelRegistry(folder: Repository.models)

    @Test("the samples are recognised", arguments: [("trout-1000px", "trout"), ("seabream", "seabream")])
    func samples(file: String, label: String) throws {
        let bytes = try Repository.bytes("\(Repository.models)/fish/samples/\(file).jpg")
        let answer = try registry.classifier("fish").classify(bytes, topK: 3)
        #expect(answer.label == label)
        #expect(answer.confidence > 0.5)
        #expect(answer.top.count == 3)
        #expect(answer.top.first?.label == answer.label)
        #expect(answer.model == "fish" && answer.modelVersion == "v1")
        #expect(answer.inferenceMilliseconds > 0)
    }

    @Test("the size of the picture as sent is reported, not that of a reduced decoding")
    func size() throws {
        let bytes = try Repository.bytes("\(Repository.models)/fish/samples/trout-1000px.jpg")
        let answer = try registry.classifier("fish").classify(bytes)
        #expect(answer.width == 1000 && answer.height == 750)
    }

    @Test("a file that is no picture is refused, and the message holds none of it")
    func noPicture() throws {
        let error = #expect(throws: InferenceError.self) {
            try registry.classifier("fish").classify(Array("secret words".utf8))
        }
        #expect(error?.code == .unsupportedFormat)
        #expect(error?.description.contains("secret") == false)
    }

    @Test("the held-out pictures are recognised as well as the model card says")
    func heldOut() throws {
        let classifier = try registry.classifier("fish")
        #if DEBUG
            let every = 4
        #else
            let every = 1
        #endif
        let evaluation = try ModelEvaluation.run(
            classifier, folder: "\(Repository.models)/fish/held-out", every: every)
        #expect(evaluation.count == 360 / every)
        #expect(evaluation.accuracy >= 0.94)
        #expect(evaluation.table.contains("accuracy"))
        let picture = ConfusionPicture(evaluation).svg
        #expect(picture.contains("<svg") && picture.components(separatedBy: "<rect").count == 2 + 36)
        #expect(evaluation.reference.flaw(labels: evaluation.labels) == nil)
        print(evaluation.table)
    }

    @Test("a folder with a label the model does not know is refused")
    func unknownLabel() throws {
        let classifier = try registry.classifier("fish")
        let error = #expect(throws: InferenceError.self) {
            try ModelEvaluation.run(classifier, folder: Repository.models)
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test("a picture of ordinary size is classified quickly")
    func latency() throws {
        let bytes = try Repository.bytes("\(Repository.models)/fish/samples/trout-1000px.jpg")
        let classifier = try registry.classifier("fish")
        var times = [Double]()
        for _ in 0..<41 { times.append(try classifier.classify(bytes).inferenceMilliseconds) }
        let median = times.sorted()[20]
        print("median \(median) ms, best \(times.min() ?? 0) ms on \(LinearAlgebra.coreName)")
        #if DEBUG
            #expect(median < 2000)
        #else
            #expect(median < 30)
        #endif
    }
}
