/// A convolution as matrix products over the unfolded input (im2col), a band of output rows at a time.
enum UnfoldedConvolution {
    /// Floats of an unfolded band: half a MiB stays in the second-level cache.
    private static let bandMax = 1 << 17

    static func run(
        _ geometry: ConvolutionGeometry, _ input: UnsafePointer<Float>, _ weights: UnsafePointer<Float>,
        _ output: UnsafeMutablePointer<Float>
    ) {
        let rowSize = max(geometry.taps * geometry.x.output, 1)
        let rows = min(max(bandMax / rowSize, 1), max(geometry.y.output, 1))
        let band = UnsafeMutablePointer<Float>.allocate(capacity: rows * rowSize)
        defer { band.deallocate() }
        for index in 0..<geometry.batch * geometry.groups {
            let source = input + index * geometry.channelsIn * geometry.planeIn
            let target = output + index * geometry.channelsOut * geometry.planeOut
            let left = weights + (index % geometry.groups) * geometry.channelsOut * geometry.taps
            for first in stride(from: 0, to: geometry.y.output, by: rows) {
                let range = first..<min(first + rows, geometry.y.output)
                let columns = range.count * geometry.x.output
                unfold(geometry, source, rows: range, into: band)
                LinearAlgebra.multiply(
                    .init(start: left, stride: geometry.taps), .init(start: band, stride: columns),
                    into: target + first * geometry.x.output, stride: geometry.planeOut,
                    rows: geometry.channelsOut, columns: columns, inner: geometry.taps)
            }
        }
    }

    /// Writes one line for each channel and tap, holding what that tap sees at each output position.
    private static func unfold(
        _ geometry: ConvolutionGeometry, _ input: UnsafePointer<Float>, rows: Range<Int>,
        into band: UnsafeMutablePointer<Float>
    ) {
        let (y, x) = (geometry.y, geometry.x)
        var line = band
        for channel in 0..<geometry.channelsIn {
            let plane = input + channel * geometry.planeIn
            for tapY in 0..<y.kernel {
                let inside = y.range(ofTap: tapY)
                for tapX in 0..<x.kernel {
                    for row in rows {
                        if inside.contains(row) {
                            copy(x, tapX, plane + y.index(row, tap: tapY) * x.input, line)
                        } else {
                            line.update(repeating: 0, count: x.output)
                        }
                        line += x.output
                    }
                }
            }
        }
    }

    @inline(__always)
    private static func copy(
        _ x: WindowAxis, _ tap: Int, _ source: UnsafePointer<Float>, _ line: UnsafeMutablePointer<Float>
    ) {
        let inside = x.range(ofTap: tap)
        line.update(repeating: 0, count: inside.lowerBound)
        if x.stride == 1, !inside.isEmpty {
            (line + inside.lowerBound).update(from: source + x.index(inside.lowerBound, tap: tap), count: inside.count)
        } else {
            for position in inside {
                line[position] = source[x.index(position, tap: tap)]
            }
        }
        (line + inside.upperBound).update(repeating: 0, count: x.output - inside.upperBound)
    }
}
