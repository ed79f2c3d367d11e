import CKernels

extension ck_window {
    /// A window over images, from its vertical and its horizontal axis.
    init(_ y: WindowAxis, _ x: WindowAxis) {
        self.init(
            input_height: y.input, input_width: x.input, output_height: y.output, output_width: x.output,
            kernel_height: y.kernel, kernel_width: x.kernel, stride_y: y.stride, stride_x: x.stride,
            dilation_y: y.dilation, dilation_x: x.dilation, padding_top: y.padding, padding_left: x.padding)
    }

    var taps: Int { kernel_height * kernel_width }
    var pixels: Int { output_height * output_width }
}
