import Testing

@testable import Inference

/// What a model must be to be loaded, and what is said when it is not.
@Suite("Loading")
struct LoadingTests {
    private func error(_ change: (inout OnnxWriter) -> Void) throws -> InferenceError? {
        var writer = OnnxWriter()
        writer.input("x", [2])
        change(&writer)
        return #expect(throws: InferenceError.self) { try Model(onnx: writer.bytes) }
    }

    @Test("an operator of another domain is named with the domain and the node")
    func domain() throws {
        let error = try error {
            $0.node("Relu", ["x"], ["y"], name: "odd", domain: "com.example")
            $0.output("y")
        }
        #expect(error?.code == .unsupportedOperator)
        #expect(error?.message.contains("\"odd\"") == true && error?.message.contains("com.example") == true)
    }

    @Test("a value that nothing makes, or that two nodes make, is refused")
    func wiring() throws {
        let unmade = try error {
            $0.node("Add", ["x", "ghost"], ["y"])
            $0.output("y")
        }
        #expect(unmade?.message.contains("\"ghost\"") == true)
        let twice = try error {
            $0.node("Relu", ["x"], ["y"])
            $0.node("Exp", ["x"], ["y"])
            $0.output("y")
        }
        #expect(twice?.message.contains("made twice") == true)
        let output = try error { $0.output("nothing") }
        #expect(output?.code == .modelCorrupt)
    }

    @Test("a batch normalisation in training mode is refused at load")
    func training() throws {
        let error = try error {
            $0.node("BatchNormalization", ["x", "x", "x", "x", "x"], ["y"], integer: ["training_mode": 1])
            $0.output("y")
        }
        #expect(error?.code == .unsupportedOperator)
        #expect(error?.message.contains("training") == true)
    }

    @Test("a short file cannot make a process vast: constants computed at load have a limit")
    func vastConstants() throws {
        let error = try error {
            if let shape = try? Tensor(shape: [2], elements: [Int64(1 << 13), 1 << 14]) { $0.constant("shape", shape) }
            for index in 0..<3 { $0.node("ConstantOfShape", ["shape"], ["k\(index)"]) }
            for index in 0..<3 { $0.output("k\(index)") }
        }
        #expect(error?.message.contains("bytes of constants") == true)
    }

    @Test("an input of another type than declared, and another number of inputs, is refused")
    func inputs() throws {
        var writer = OnnxWriter()
        writer.input("x", [2], .int64)
        writer.input("z", [2], .int64)
        writer.node("Add", ["x", "z"], ["y"])
        writer.output("y")
        let model = try Model(onnx: writer.bytes)
        let numbers = try Tensor(shape: [2], elements: [Int64(1), 2])
        #expect(try model.run([numbers, numbers])[0].elements(as: Int64.self) == [2, 4])
        #expect(throws: InferenceError.self) { try model.run([numbers]) }
        #expect(throws: InferenceError.self) { try model.run([numbers, try Tensor(shape: [2], values: [1, 2])]) }
    }

    @Test("a summary says what the file declares")
    func summary() throws {
        let summary = try Model(onnx: try Repository.fixture("tiny-network.onnx")).summary
        #expect(summary.opset == 17)
        #expect(summary.inputs.map(\.name) == ["x"])
        #expect(summary.inputs[0].shape == [nil, 3, 16, 16])
        #expect(summary.inputs[0].type == .float32)
        #expect(summary.operators["Conv"] == 1)
        #expect(summary.parameters == 4 * 3 * 9 + 16 + 24 + 6)
        #expect(summary.preparedNodes < summary.operators.values.reduce(0, +))
    }
}
