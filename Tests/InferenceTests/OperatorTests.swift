import Inference
import Testing

/// Every operator against what onnxruntime answered for the same small model and input.
@Suite("Operators")
struct OperatorTests {
    @Test(
        "an operator answers as onnxruntime does",
        arguments: [
            "conv-grouped", "conv-depthwise", "conv-depthwise-unit-stride", "conv-pointwise", "conv-pointwise-strided",
            "conv-dilated", "conv-same-upper", "conv-same-lower", "maxpool-ceil", "averagepool-ceil",
            "maxpool-options", "averagepool-options", "folded-and-fused", "conv-read-twice", "shapes", "gemm",
            "opset-10", "tiny-network",
        ])
    func agreesWithReference(name: String) throws {
        let expectation = try Expectation.named(name)
        let model = try Model(onnx: try Repository.fixture("\(name).onnx"))
        expectation.check(try model.run(try Expectation.tensor(expectation.input)))
    }

    @Test("the supported operators are listed by name")
    func lists() {
        #expect(Model.supportedOperators.contains("Conv"))
        #expect(Model.supportedOperators.contains("Dropout"))
        #expect(Model.supportedOperators == Model.supportedOperators.sorted())
    }

    @Test("OpenBLAS names the core it runs on")
    func core() {
        #expect(!LinearAlgebra.coreName.isEmpty)
        #expect(LinearAlgebra.coreName != "unknown")
    }
}
