import Foundation
import Inference
import TestSupport
import Testing

@Suite("Models")
struct ModelTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let models = root.appending(path: "models").path
    static let onnx = "\(models)/fish/v1/model.onnx"

    private func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path)))
    }

    @Test("the shipped model answers as ONNX Runtime does")
    func golden() throws {
        let model = try Model(onnx: try bytes(Self.onnx))
        let values = (0..<3 * 64 * 64).map { (index: Int) -> Float in Float(index % 97) / 97 * 4 - 2 }
        let answer = try model.run(try Tensor(shape: [1, 3, 64, 64], values: values))
        // onnxruntime 1.2x on the same input.
        let expected: [Float] = [0.209793, 0.271198, 0.160266, 0.001744, 0.169281, 0.187718]
        #expect(answer.shape == [1, 6])
        for (own, other) in zip(answer.values, expected) {
            let difference: Float = abs(own - other)
            let tolerance: Float = 1e-4 + 1e-3 * other
            #expect(difference < tolerance)
        }
    }

    @Test("an answer does not depend on its batch")
    func batch() throws {
        let model = try Model(onnx: try bytes(Self.onnx))
        let one = (0..<3 * 64 * 64).map { (index: Int) -> Float in Float(index % 31) / 31 }
        let other = one.map { -$0 }
        let single = try model.run(try Tensor(shape: [1, 3, 64, 64], values: one)).values
        let both = try model.run(try Tensor(shape: [2, 3, 64, 64], values: one + other)).values
        for (left, right) in zip(single, both) {
            let difference: Float = abs(left - right)
            #expect(difference < 1e-5)
        }
    }

    @Test("an input of another shape is refused with the node's name")
    func shape() throws {
        let model = try Model(onnx: try bytes(Self.onnx))
        let error = #expect(throws: InferenceError.self) {
            try model.run(try Tensor(shape: [1, 4, 64, 64], values: [Float](repeating: 0, count: 4 * 64 * 64)))
        }
        #expect(error?.code == .shapeMismatch)
        #expect(error?.message.contains("stem") == true)
    }

    @Test("the held-out pictures are classified at least as well as the card says")
    func accuracy() throws {
        let classifier = try ModelRegistry(folder: Self.models).classifier("fish")
        let evaluation = try ModelEvaluation(of: classifier, on: "\(Self.models)/fish/held-out")
        #expect(evaluation.total == 360)
        #expect(evaluation.failures.isEmpty)
        #expect(evaluation.accuracy >= 0.97)
    }

    @Test("a missing model, a missing version and a path out of the folder are refused")
    func missing() {
        let registry = ModelRegistry(folder: Self.models)
        for (name, version) in [("fsh", nil), ("fish", "v99"), ("..", nil), ("fish", "../v1"), ("fish", "")] {
            let error = #expect(throws: InferenceError.self) { try registry.classifier(name, version: version) }
            #expect(error?.code == .modelMissing)
        }
    }

    @Test("a model that is not the one its manifest describes is refused")
    func checksum() throws {
        let folder = try TemporaryFolder()
        let target = folder.url.appending(path: "fish/v1")
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: "\(Self.models)/fish/v1/manifest.json", toPath: target.path + "/manifest.json")
        var damaged = try bytes(Self.onnx)
        damaged[damaged.count / 2] ^= 1
        try Data(damaged).write(to: target.appending(path: "model.onnx"))
        let error = #expect(throws: InferenceError.self) {
            try ModelRegistry(folder: folder.url.path).classifier("fish")
        }
        #expect(error?.code == .modelCorrupt)
    }

    @Test("a damaged model file is refused or runs, and never traps", arguments: 0..<4)
    func hostile(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let whole = try bytes(Self.onnx)
        // The structure stands at the end of the file; that is where damage is interesting.
        for _ in 0..<40 {
            var bytes = whole
            for _ in 0..<3 {
                let from = Bool.random(using: &generator) ? 0 : bytes.count - 1000
                bytes[Int.random(in: from..<bytes.count, using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            if Bool.random(using: &generator) {
                bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator)))
            }
            do throws(InferenceError) {
                let model = try Model(onnx: bytes)
                let input = try Tensor(shape: [1, 3, 8, 8], values: [Float](repeating: 0, count: 192))
                _ = try model.run(input)
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
    }
}
