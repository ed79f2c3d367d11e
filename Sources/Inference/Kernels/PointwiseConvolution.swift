/// A 1x1 convolution: one matrix product straight from the activations.
enum PointwiseConvolution {
    static func run(
        _ geometry: ConvolutionGeometry, _ input: UnsafePointer<Float>, _ weights: UnsafePointer<Float>,
        _ output: UnsafeMutablePointer<Float>
    ) {
        let plane = geometry.planeOut
        for index in 0..<geometry.batch * geometry.groups {
            let group = index % geometry.groups
            let left = weights + group * geometry.channelsOut * geometry.channelsIn
            LinearAlgebra.multiply(
                .init(start: left, stride: geometry.channelsIn),
                .init(start: input + index * geometry.channelsIn * plane, stride: plane),
                into: output + index * geometry.channelsOut * plane, stride: plane,
                rows: geometry.channelsOut, columns: plane, inner: geometry.channelsIn)
        }
    }
}
