import Testing

@testable import Inference

/// Numbers in a model that are none, or lie far outside, where sizes and places are computed from them.
@Suite("Numbers beyond reason")
struct HostileNumbersTests {
    @Test("a range to minus infinity is empty, and one to infinity or to no number is refused")
    func range() throws {
        func length(to limit: Float) throws -> Int {
            var writer = OnnxWriter()
            writer.input("limit", [])
            writer.constant("start", try Tensor(shape: [], values: [0]))
            writer.constant("step", try Tensor(shape: [], values: [1]))
            writer.node("Range", ["start", "limit", "step"], ["y"])
            writer.output("y")
            return try Model(onnx: writer.bytes).run(try Tensor(shape: [], values: [limit])).count
        }
        #expect(try length(to: 2.5) == 3)
        #expect(try length(to: -.infinity) == 0)
        #expect(throws: InferenceError.self) { try length(to: .infinity) }
        #expect(throws: InferenceError.self) { try length(to: .nan) }
    }

    @Test("a region to resize that is not made of numbers lies outside", arguments: [Float.nan, .infinity, -.infinity])
    func region(_ edge: Float) throws {
        var writer = OnnxWriter()
        writer.input("x", [2, 2])
        writer.input("region", [4])
        writer.constant("sizes", try Tensor(shape: [2], elements: [Int64(3), 3]))
        writer.node(
            "Resize", ["x", "region", "", "sizes"], ["y"], float: ["extrapolation_value": 7],
            string: ["mode": "linear", "coordinate_transformation_mode": "tf_crop_and_resize"])
        writer.output("y")
        let result = try Model(onnx: writer.bytes).run([
            try Tensor(shape: [2, 2], values: [1, 2, 3, 4]), try Tensor(shape: [4], values: [edge, 0, edge, 1]),
        ])
        #expect(result[0].elements(as: Float.self) == Array(repeating: 7, count: 9))
    }
}
