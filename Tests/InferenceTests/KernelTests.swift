import CKernels
import Testing

@testable import Inference

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The loops of every vector width this processor has, against the same sums done one by one.
@Suite("Kernels")
struct KernelTests {
    private static var levels: [ck_kernels] {
        var count = 0
        let all = ck_all(&count)
        return (0..<count).map { all[$0].pointee }
    }

    /// Small enough to check by hand, with every kind of rest: channels, pixels, padding, stride, dilation.
    private static let shapes: [(size: Int, depth: Int, channels: Int, kernel: Int, stride: Int, dilation: Int)] = [
        (5, 3, 7, 3, 1, 1), (8, 17, 33, 3, 2, 1), (7, 5, 64, 1, 1, 1), (9, 16, 50, 3, 1, 2), (13, 20, 40, 3, 1, 1),
    ]

    @Test("convolutions, direct and by Winograd's way, equal sums done one by one", arguments: shapes)
    func convolutions(size: Int, depth: Int, channels: Int, kernel: Int, stride: Int, dilation: Int) throws {
        let padding = kernel / 2 * dilation
        let axis = WindowAxis(
            kernel: kernel, stride: stride, dilation: dilation, padding: padding, paddingAfter: padding, input: size,
            output: (size + 2 * padding - (kernel - 1) * dilation - 1) / stride + 1)
        let input = try Samples.tensor([size * size, depth], seed: 1).values
        let weights = try Samples.tensor([channels, depth, kernel * kernel], seed: 2).values
        let addend = try Samples.tensor([axis.output * axis.output, channels], seed: 3).values
        let expected = (0..<axis.output * axis.output * channels).map { index in
            let (pixel, channel) = (index / channels, index % channels)
            var sum = Double(addend[index]) + Double(channel) / 10
            for tap in 0..<kernel * kernel {
                let y = axis.index(pixel / axis.output, tap: tap / kernel)
                let x = axis.index(pixel % axis.output, tap: tap % kernel)
                guard (0..<size).contains(y), (0..<size).contains(x) else { continue }
                for k in 0..<depth {
                    let weight = weights[(channel * depth + k) * kernel * kernel + tap]
                    sum += Double(input[(y * size + x) * depth + k]) * Double(weight)
                }
            }
            return Float(max(sum, 0.5))
        }
        for level in Self.levels {
            let runs = KernelRuns(
                level: level, axis: axis, depth: depth, channels: channels, input: input, weights: weights,
                addend: addend)
            #expect(Samples.distance(runs.direct(), expected) < 1e-5, "\(String(cString: level.name))")
            guard kernel == 3, stride == 1, dilation == 1 else { continue }
            #expect(Samples.distance(runs.winograd(), expected) < 1e-4, "\(String(cString: level.name))")
        }
    }

    @Test(
        "depthwise convolutions equal sums done one by one",
        arguments: [(3, 1, 13), (3, 2, 12), (5, 1, 11), (5, 2, 10), (3, 1, 3), (7, 1, 9), (3, 3, 14)])
    func depthwise(kernel: Int, stride: Int, size: Int) throws {
        let axis = WindowAxis(
            kernel: kernel, stride: stride, dilation: 1, padding: kernel / 2, paddingAfter: kernel / 2, input: size,
            output: (size + kernel / 2 * 2 - kernel) / stride + 1)
        let channels = 53
        let input = try Samples.tensor([size * size, channels], seed: 1).values
        let weights = try Samples.tensor([kernel * kernel, channels], seed: 2).values
        let expected = (0..<axis.output * axis.output * channels).map { index in
            let (pixel, channel) = (index / channels, index % channels)
            var sum = Double(channel) / 10
            for tap in 0..<kernel * kernel {
                let y = axis.index(pixel / axis.output, tap: tap / kernel)
                let x = axis.index(pixel % axis.output, tap: tap % kernel)
                guard (0..<size).contains(y), (0..<size).contains(x) else { continue }
                sum += Double(input[(y * size + x) * channels + channel]) * Double(weights[tap * channels + channel])
            }
            return Float(max(sum, 0.5))
        }
        for level in Self.levels {
            let runs = KernelRuns(
                level: level, axis: axis, depth: channels, channels: channels, input: input, weights: weights,
                addend: [])
            #expect(Samples.distance(runs.depthwise(), expected) < 1e-5, "\(String(cString: level.name))")
        }
    }

    @Test("functions of one number are those of the mathematics library to six digits")
    func functions() {
        let inputs = (-400...400).map { Float($0) / 37 } + [0, -0.0, 1e-20, 60, -60, 1000, -1000]
        func check(_ function: ActivationFunction, _ reference: (Double) -> Double) {
            for level in Self.levels {
                var outputs = [Float](repeating: 0, count: inputs.count)
                level.activate(function.kernel, inputs, &outputs, inputs.count)
                for (x, y) in zip(inputs, outputs) {
                    let wanted = reference(Double(x))
                    #expect(abs(Double(y) - wanted) <= 2e-6 * max(abs(wanted), 1), "of \(x)")
                }
            }
        }
        check(.relu) { max($0, 0) }
        check(.sigmoid) { 1 / (1 + exp(-$0)) }
        check(.swish) { $0 / (1 + exp(-$0)) }
        check(.hardSwish) { $0 * min(max($0 / 6 + 0.5, 0), 1) }
        check(ActivationFunction(CK_TANH), tanh)
        check(ActivationFunction(CK_ERF), erf)
        check(ActivationFunction(CK_GELU)) { $0 / 2 * (1 + erf($0 / 2.0.squareRoot())) }
        check(ActivationFunction(CK_ELU, 0.5)) { $0 < 0 ? 0.5 * (exp($0) - 1) : $0 }
        check(ActivationFunction(CK_LEAKY, 0.1)) { $0 < 0 ? 0.1 * $0 : $0 }
    }

    @Test("what is no number stays none through every function")
    func notANumber() {
        for function in [CK_CLAMP, CK_LEAKY, CK_SIGMOID, CK_SWISH, CK_TANH, CK_ELU, CK_ERF, CK_GELU, CK_HARD_SWISH] {
            for level in Self.levels {
                var output: Float = 0
                level.activate(ck_activation(function: function, a: 0, b: 1), [.nan], &output, 1)
                #expect(output.isNaN, "function \(function.rawValue)")
            }
        }
    }
}
