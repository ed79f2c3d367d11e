import CKernels

/// A copy of one image with its padding around it and the channels innermost.
struct PaddedImage {
    let start: UnsafeMutablePointer<Float>
    /// The window over the copy, each row of it one tap.
    let window: ck_window
    private let y: WindowAxis
    private let x: WindowAxis
    private let channels: Int

    init(_ y: WindowAxis, _ x: WindowAxis, channels: Int, _ call: Invocation) throws(InferenceError) {
        let height = max(y.input + y.padding, (y.output - 1) * y.stride + (y.kernel - 1) * y.dilation + 1)
        let width = max(x.input + x.padding, (x.output - 1) * x.stride + x.kernel)
        let count = try Shape.count([height, width, channels], place: call.place)
        start = try call.scratch(Float.self, count)
        start.initialize(repeating: 0, count: count)
        window = ck_window(
            input_height: height, input_width: width, output_height: y.output, output_width: x.output,
            kernel_height: y.kernel, kernel_width: 1, stride_y: y.stride, stride_x: x.stride,
            dilation_y: y.dilation, dilation_x: 1, padding_top: 0, padding_left: 0)
        self.y = y
        self.x = x
        self.channels = channels
    }

    /// Copies an image of a batch, in whatever order its elements are; the padding stays as it is.
    func fill(from batch: Tensor, image: Int) {
        let plane = y.input * x.input
        let source = batch.pointer(Float.self) + image * plane * channels
        for row in 0..<y.input {
            let target = start + ((row + y.padding) * window.input_width + x.padding) * channels
            if batch.layout == .channelsLast {
                target.update(from: source + row * x.input * channels, count: x.input * channels)
            } else {
                Kernels.current.transpose(source + row * x.input, plane, channels, x.input, target, channels)
            }
        }
    }
}
