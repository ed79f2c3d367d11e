import Testing

@testable import Inference

@Suite("Tensor")
struct TensorTests {
    @Test("every 16-bit float survives the way to a double and back")
    func halves() {
        for bits in UInt16.min...UInt16.max {
            let (half, brain) = (Half(bits: bits).double, BrainHalf(bits: bits).double)
            #expect(half.isNaN ? Half(nearest: half).double.isNaN : Half(nearest: half).bits == bits)
            #expect(brain.isNaN ? BrainHalf(nearest: brain).double.isNaN : BrainHalf(nearest: brain).bits == bits)
        }
    }

    @Test("a number between two 16-bit floats becomes the nearer one, and the even one halfway")
    func rounding() {
        #expect(Half(nearest: 1 + 0x1p-11).double == 1)
        #expect(Half(nearest: 1 + 0x1.8p-10).double == 1 + 0x1p-9)
        #expect(Half(nearest: 65520).double == .infinity)
        #expect(Half(nearest: 65519).double == 65504)
        #expect(Half(nearest: 0x1p-25).double == 0)
        #expect(Half(nearest: 0x1.8p-25).double == 0x1p-24)
        #expect(BrainHalf(nearest: 1 + 0x1p-8).double == 1)
        #expect(BrainHalf(nearest: -1.01).double == -1.0078125)
    }

    @Test("numbers out of a type's range become its nearest, and what is no number becomes zero")
    func conversions() throws {
        let tensor = try Tensor(shape: [5], values: [-1e30, -1.9, 1.9, 1e30, .nan])
        #expect(tensor.converted(to: .int8).elements(as: Int64.self) == [-128, -1, 1, 127, 0])
        #expect(tensor.converted(to: .uint64).elements(as: UInt64.self) == [0, 0, 1, .max, 0])
        #expect(tensor.converted(to: .bool).bytes == [1, 1, 1, 1, 1])
        let wide = try Tensor(shape: [2], elements: [Int64.max, -1])
        #expect(wide.converted(to: .int16).elements(as: Int64.self) == [-1, -1])
    }

    @Test("a tensor is made of exactly the bytes its shape and type say")
    func bytes() throws {
        let tensor = try Tensor(shape: [2], type: .int32, bytes: [1, 0, 0, 0, 255, 255, 255, 255])
        #expect(tensor.elements(as: Int32.self) == [1, -1])
        #expect(tensor.values == [1, -1])
        #expect(throws: InferenceError.self) { try Tensor(shape: [2], type: .int32, bytes: [1, 0, 0, 0]) }
    }

    @Test("copies with any strides equal those made element by element")
    func strides() {
        var random = SeededGenerator(seed: 4)
        for _ in 0..<300 {
            let shape = (0..<Int.random(in: 0...4, using: &random)).map { _ in Int.random(in: 0...4, using: &random) }
            let strides = shape.map { _ in Int.random(in: -3...6, using: &random) }
            let source = (0..<200).map { UInt16($0) }
            var target = [UInt16](repeating: 999, count: max(shape.reduce(1, *), 1))
            source.withUnsafeBytes { from in
                target.withUnsafeMutableBytes { to in
                    if let from = from.baseAddress, let to = to.baseAddress {
                        StridedCopy(shape: shape, strides: strides, elementSize: 2).run(from: from + 200, to: to)
                    }
                }
            }
            var expected = [100]
            for (size, stride) in zip(shape, strides) {
                expected = expected.flatMap { start in (0..<size).map { start + $0 * stride } }
            }
            #expect(expected.isEmpty || target == expected.map { source[$0] })
        }
    }
}
