/// The sizes of one convolution; channels are counted per group.
struct ConvolutionGeometry {
    let batch: Int
    let channelsIn: Int
    let channelsOut: Int
    let groups: Int
    let y: WindowAxis
    let x: WindowAxis

    var planeIn: Int { y.input * x.input }
    var planeOut: Int { y.output * x.output }
    /// Products that make up one output element.
    var taps: Int { channelsIn * y.kernel * x.kernel }
    var outputCount: Int { batch * groups * channelsOut * planeOut }

    var isDepthwise: Bool { channelsIn == 1 && groups > 1 }

    /// One tap, no stride, no padding: the activations are the matrix already.
    var isPointwise: Bool {
        y.kernel == 1 && x.kernel == 1 && y.stride == 1 && x.stride == 1 && planeIn == planeOut && y.padding == 0
            && x.padding == 0
    }
}
