import CKernels

@testable import Inference

/// One convolution set up for the kernels of one vector width: biases of 0, 0.1, 0.2 and so on, a clamp at 0.5.
struct KernelRuns {
    let level: ck_kernels
    let axis: WindowAxis
    let depth: Int
    let channels: Int
    let input: [Float]
    let weights: [Float]
    let addend: [Float]

    private var padded: Int { (channels + level.panel - 1) / level.panel * level.panel }
    private var taps: Int { axis.kernel * axis.kernel }
    private var bias: [Float] { (0..<padded).map { Float($0) / 10 } }
    private var clamp: ck_activation { ActivationFunction.clamp(low: 0.5, high: .infinity).kernel }

    func direct() -> [Float] {
        var output = [Float](repeating: 0, count: axis.output * axis.output * channels)
        let padding = [Float](repeating: 0, count: depth)
        let (panels, bias) = (panels(), bias)
        withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: taps * 24) { pointers in
            input.withUnsafeBufferPointer { input in
                padding.withUnsafeBufferPointer { padding in
                    panels.withUnsafeBufferPointer { panels in
                        bias.withUnsafeBufferPointer { bias in
                            addend.withUnsafeBufferPointer { addend in
                                output.withUnsafeMutableBufferPointer { output in
                                    var kernel = ck_convolution(
                                        window: ck_window(axis, axis), input: input.baseAddress, input_stride: depth,
                                        padding: padding.baseAddress, panels: panels.baseAddress,
                                        bias: bias.baseAddress, addend: addend.baseAddress,
                                        output: output.baseAddress, output_stride: channels, depth: depth,
                                        channels: channels, activation: clamp, pixels_at_once: 24,
                                        pointers: pointers.baseAddress)
                                    level.convolve(&kernel)
                                }
                            }
                        }
                    }
                }
            }
        }
        return output
    }

    func winograd() -> [Float] {
        var output = [Float](repeating: 0, count: axis.output * axis.output * channels)
        var transformed = [Float](repeating: 0, count: 36 * padded * depth)
        ck_pack_winograd(panels(), padded, depth, level.panel, &transformed)
        var scratch = [Float](repeating: 0, count: 36 * 5 * (depth + padded))
        let bias = bias
        input.withUnsafeBufferPointer { input in
            transformed.withUnsafeBufferPointer { panels in
                bias.withUnsafeBufferPointer { bias in
                    addend.withUnsafeBufferPointer { addend in
                        output.withUnsafeMutableBufferPointer { output in
                            scratch.withUnsafeMutableBufferPointer { scratch in
                                var kernel = ck_winograd(
                                    window: ck_window(axis, axis), input: input.baseAddress,
                                    panels: panels.baseAddress, bias: bias.baseAddress, addend: addend.baseAddress,
                                    output: output.baseAddress, depth: depth, channels: channels, tiles_at_once: 5,
                                    scratch: scratch.baseAddress, activation: clamp)
                                level.winograd(&kernel)
                            }
                        }
                    }
                }
            }
        }
        return output
    }

    /// With weights by tap and channel.
    func depthwise() -> [Float] {
        var output = [Float](repeating: 0, count: axis.output * axis.output * channels)
        let (padding, bias) = ([Float](repeating: 0, count: channels), bias)
        withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: taps * Int(CK_TILE_MAX)) { pointers in
            input.withUnsafeBufferPointer { input in
                padding.withUnsafeBufferPointer { padding in
                    weights.withUnsafeBufferPointer { weights in
                        bias.withUnsafeBufferPointer { bias in
                            output.withUnsafeMutableBufferPointer { output in
                                var filter = ck_filter(
                                    window: ck_window(axis, axis), input: input.baseAddress,
                                    padding: padding.baseAddress, weights: weights.baseAddress,
                                    bias: bias.baseAddress, row_counts: nil, column_counts: nil,
                                    output: output.baseAddress, channels: channels, activation: clamp,
                                    pointers: pointers.baseAddress)
                                level.depthwise(&filter)
                            }
                        }
                    }
                }
            }
        }
        return output
    }

    private func panels() -> [Float] {
        var panels = [Float](repeating: 0, count: padded * taps * depth)
        let scale = [Float](repeating: 1, count: channels)
        panels.withUnsafeMutableBufferPointer { panels in
            weights.withUnsafeBufferPointer { weights in
                guard let to = panels.baseAddress, let from = weights.baseAddress else { return }
                for first in stride(from: 0, to: channels, by: level.panel) {
                    ck_pack_panel(
                        from + first * depth * taps, scale, min(level.panel, channels - first), taps, depth,
                        depth * taps, taps, 1, level.panel, to + first * taps * depth)
                }
            }
        }
        return panels
    }
}
