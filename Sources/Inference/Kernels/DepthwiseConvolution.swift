/// A convolution with one input channel a group, computed directly: too few products an element for a matrix product.
enum DepthwiseConvolution {
    static func run(
        _ geometry: ConvolutionGeometry, _ input: UnsafePointer<Float>, _ weights: UnsafePointer<Float>,
        _ output: UnsafeMutablePointer<Float>
    ) {
        let channels = geometry.groups * geometry.channelsOut
        for index in 0..<geometry.batch * channels {
            let channel = index % channels
            let source = input + index / geometry.channelsOut * geometry.planeIn
            plane(geometry, source, weights + channel * geometry.taps, output + index * geometry.planeOut)
        }
    }

    private static func plane(
        _ geometry: ConvolutionGeometry, _ source: UnsafePointer<Float>, _ weights: UnsafePointer<Float>,
        _ target: UnsafeMutablePointer<Float>
    ) {
        let (y, x) = (geometry.y, geometry.x)
        target.update(repeating: 0, count: geometry.planeOut)
        for tapY in 0..<y.kernel {
            for row in y.range(ofTap: tapY) {
                let from = source + y.index(row, tap: tapY) * x.input
                let line = target + row * x.output
                for tapX in 0..<x.kernel {
                    let weight = weights[tapY * x.kernel + tapX]
                    let inside = x.range(ofTap: tapX)
                    if x.stride == 1 {
                        let shift = tapX * x.dilation - x.padding
                        for position in inside { line[position] += weight * from[position + shift] }
                    } else {
                        for position in inside { line[position] += weight * from[x.index(position, tap: tapX)] }
                    }
                }
            }
        }
    }
}
