import Inference
import Testing

@Suite("Model")
struct ModelTests {
    @Test("the shipped model answers as onnxruntime does")
    func golden() throws {
        let expectation = try Expectation.named("fish")
        let model = try Model(onnx: try Repository.bytes("\(Repository.models)/fish/v1/model.onnx"))
        expectation.check(try model.run(try Expectation.tensor(expectation.input)))
    }

    @Test("a batch of two gives what two single runs give")
    func batch() throws {
        let model = try Model(onnx: try Repository.fixture("tiny-network.onnx"))
        let both = try Expectation.tensor([2, 3, 16, 16])
        let half = both.values.count / 2
        let first = try model.run(try Tensor(shape: [1, 3, 16, 16], values: Array(both.values[..<half])))
        let second = try model.run(try Tensor(shape: [1, 3, 16, 16], values: Array(both.values[half...])))
        let answer = try model.run(both)
        #expect(answer.shape == [2, 6])
        for (one, other) in zip(answer.values, first.values + second.values) {
            #expect(abs(one - other) < 1e-5)
        }
    }

    @Test("an unknown operator is named at load, with its node and the supported ones")
    func unknownOperator() throws {
        var bytes = try Repository.fixture("conv-read-twice.onnx")
        let name = Array("Sigmoid".utf8)
        let start = try #require(bytes.indices.first { bytes[$0...].starts(with: name) })
        bytes.replaceSubrange(start..<start + name.count, with: "Sigmund".utf8)
        let error = #expect(throws: InferenceError.self) { try Model(onnx: bytes) }
        #expect(error?.code == .unsupportedOperator)
        #expect(error?.message.contains("\"Sigmund\"") == true)
        #expect(error?.message.contains("\"gate\"") == true)
        #expect(error?.message.contains("GlobalAveragePool") == true)
    }

    @Test("an input of another shape than declared is refused")
    func wrongShape() throws {
        let model = try Model(onnx: try Repository.fixture("tiny-network.onnx"))
        let error = #expect(throws: InferenceError.self) { try model.run(try Expectation.tensor([1, 3, 8, 16])) }
        #expect(error?.code == .shapeMismatch)
    }

    @Test("a model that asks for an enormous tensor is refused, naming the node")
    func vast() throws {
        let model = try Model(onnx: try Repository.fixture("vast.onnx"))
        let error = #expect(throws: InferenceError.self) { try model.run(try Expectation.tensor([1, 1, 4, 4])) }
        #expect(error?.code == .shapeMismatch)
        #expect(error?.message.contains("\"vast\"") == true)
    }

    @Test("a tensor whose values do not fill its shape is refused")
    func tensor() {
        #expect(throws: InferenceError.self) { try Tensor(shape: [2, 3], values: [1, 2]) }
        #expect(throws: InferenceError.self) { try Tensor(shape: [-1, -1], values: [1]) }
        #expect(throws: InferenceError.self) { try Tensor(shape: [.max, .max], values: [1]) }
    }

    @Test("an empty file and a file of noise are no models")
    func noise() {
        #expect(throws: InferenceError.self) { try Model(onnx: []) }
        #expect(throws: InferenceError.self) { try Model(onnx: [UInt8](repeating: 0xFF, count: 100)) }
    }

    @Test("one model answers alike on many threads")
    func threads() async throws {
        let expectation = try Expectation.named("tiny-network")
        let model = try Model(onnx: try Repository.fixture("tiny-network.onnx"))
        let input = try Expectation.tensor(expectation.input)
        try await withThrowingTaskGroup(of: Tensor.self) { group in
            for _ in 0..<32 { group.addTask { try model.run(input) } }
            for try await output in group { expectation.check(output) }
        }
    }
}
