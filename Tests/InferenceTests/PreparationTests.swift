import Testing

@testable import Inference

/// What is made of a graph before it runs, and that the answers stay what they were.
@Suite("Preparation")
struct PreparationTests {
    /// A residual block as exporters write it: Conv, BatchNormalization, Relu, and a shortcut.
    private func block(channels: Int, opset: Int = 17, exposing: [String] = []) throws -> OnnxWriter {
        var writer = OnnxWriter()
        writer.opset = opset
        writer.input("x", [-1, channels, 9, 9])
        for (index, source) in ["x", "first"].enumerated() {
            let weights = try Samples.tensor([channels, channels, 3, 3], seed: UInt64(index + 1), in: -0.2...0.2)
            writer.constant("w\(index)", weights)
            for part in ["s", "b", "m", "v"] {
                let values = try Samples.tensor([channels], seed: UInt64(index + 10), in: 0.5...1.5)
                writer.constant("\(part)\(index)", values)
            }
            writer.node("Conv", [source, "w\(index)"], ["c\(index)"], integers: ["pads": [1, 1, 1, 1]])
            let parts = ["c\(index)", "s\(index)", "b\(index)", "m\(index)", "v\(index)"]
            writer.node("BatchNormalization", parts, ["n\(index)"])
            if index == 0 { writer.node("Relu", ["n0"], ["first"]) }
        }
        writer.node("Add", ["n1", "x"], ["sum"])
        writer.node("Relu", ["sum"], ["y"])
        writer.output("y")
        for name in exposing { writer.output(name) }
        return writer
    }

    @Test("a residual block runs as two convolutions, and answers as its nodes one by one do")
    func residual() throws {
        let fused = try Model(onnx: try block(channels: 20).bytes)
        #expect(fused.summary.preparedNodes == 2)
        // Outputs of the graph have to be made: nothing can be merged into what makes them.
        let names = ["c0", "n0", "first", "c1", "n1", "sum"]
        let plain = try Model(onnx: try block(channels: 20, exposing: names).bytes)
        #expect(plain.summary.preparedNodes == 7)
        let input = try Samples.tensor([2, 20, 9, 9], seed: 99)
        let (answer, expected) = (try fused.run(input), try plain.run([input])[0])
        #expect(answer.shape == [2, 20, 9, 9])
        #expect(Samples.distance(answer.values, expected.values) < 1e-5)
    }

    @Test("each image of a batch is answered bit for bit as it is alone")
    func batch() throws {
        let model = try Model(onnx: try block(channels: 33).bytes)
        let both = try Samples.tensor([3, 33, 9, 9], seed: 5)
        let answer = try model.run(both).values
        let size = both.count / 3
        for image in 0..<3 {
            let part = Array(both.values[image * size..<(image + 1) * size])
            #expect(
                try model.run(try Tensor(shape: [1, 33, 9, 9], values: part)).values
                    == Array(answer[image * size..<(image + 1) * size]))
        }
    }

    @Test("x times its sigmoid becomes one function, taken over by the convolution before it")
    func swish() throws {
        var writer = OnnxWriter()
        writer.input("x", [1, 2, 4, 4])
        writer.constant("w", try Samples.tensor([3, 2, 1, 1], seed: 1))
        writer.node("Conv", ["x", "w"], ["c"])
        writer.node("Sigmoid", ["c"], ["s"])
        writer.node("Mul", ["c", "s"], ["y"])
        writer.output("y")
        let model = try Model(onnx: writer.bytes)
        #expect(model.summary.preparedNodes == 1)
        writer.output("c")
        let plain = try Model(onnx: writer.bytes)
        let input = try Samples.tensor([1, 2, 4, 4], seed: 2)
        let outputs = try plain.run([input])
        #expect(Samples.distance(try model.run(input).values, outputs[0].values) < 1e-6)
        #expect(zip(outputs[0].values, outputs[1].values).allSatisfy { $0 == 0 || $0.sign == $1.sign })
    }

    @Test("what does not depend on the input is computed at load, and what no output needs is dropped")
    func constants() throws {
        var writer = OnnxWriter()
        writer.input("x", [2, 3])
        writer.constant("shape", try Tensor(shape: [2], elements: [Int64(2), 3]))
        writer.node("ConstantOfShape", ["shape"], ["zeros"])
        writer.node("Exp", ["zeros"], ["ones"])
        writer.node("Identity", ["x"], ["same"])
        writer.node("Add", ["same", "ones"], ["y"])
        writer.node("Exp", ["x"], ["unused"])
        writer.output("y")
        let model = try Model(onnx: writer.bytes)
        #expect(model.summary.preparedNodes == 1)
        #expect(try model.run(try Tensor(shape: [2, 3], values: [0, 1, 2, 3, 4, 5])).values == [1, 2, 3, 4, 5, 6])
    }

    @Test("an output may be an input or a constant")
    func trivial() throws {
        var writer = OnnxWriter()
        writer.input("x", [2])
        writer.constant("k", try Tensor(shape: [1], values: [7]))
        writer.node("Identity", ["x"], ["y"])
        writer.node("Identity", ["k"], ["z"])
        writer.output("y")
        writer.output("z")
        let outputs = try Model(onnx: writer.bytes).run([try Tensor(shape: [2], values: [1, 2])])
        #expect(outputs.map(\.values) == [[1, 2], [7]])
    }

    @Test("a second run of the same shapes takes its memory from one arena, smaller than all tensors together")
    func memory() throws {
        let plan = try GraphBuilder.build(try OnnxGraph.parse(ByteSource(try block(channels: 16).bytes)))
        let workspace = Workspace()
        let input = try Samples.tensor([1, 16, 9, 9], seed: 3)
        workspace.begin()
        let first = try plan.run([input], workspace)
        workspace.finish()
        #expect(workspace.arenaByteCount >= workspace.peak)
        workspace.begin()
        #expect(try plan.run([input], workspace) == first)
        // A run of another shape has other pieces, which are found elsewhere.
        workspace.begin()
        let larger = try plan.run([try Samples.tensor([3, 16, 9, 9], seed: 3)], workspace)[0]
        #expect(larger.shape == [3, 16, 9, 9])
    }

    @Test("a profile names each node that runs, with its cost and shape")
    func profile() throws {
        let model = try Model(onnx: try block(channels: 4).bytes)
        let profile = try model.profile([try Samples.tensor([1, 4, 9, 9], seed: 1)])
        #expect(profile.nodes.map(\.type) == ["Conv", "Conv"])
        #expect(profile.nodes.map(\.shape) == [[1, 4, 9, 9], [1, 4, 9, 9]])
        #expect(profile.milliseconds > 0)
    }
}
