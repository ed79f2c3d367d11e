/// What turns a picture into a model's input, as its manifest says.
struct Preprocessing: Codable, Sendable {
    /// Input width in pixels.
    let width: Int
    /// Input height in pixels.
    let height: Int
    /// How other shapes are brought to that size.
    let resize: ResizeRule
    /// Order of the dimensions; only NCHW is known.
    let layout: String
    /// Order of the channels; only RGB is known.
    let colour: String
    /// Mean of each channel, with pixels in 0...1.
    let mean: [Float]
    /// Standard deviation of each channel, with pixels in 0...1.
    let std: [Float]

    var size: ImageSize { ImageSize(width: width, height: height) }

    /// The reason why these values cannot be used, if there is one.
    var flaw: String? {
        let sizes = 1...4096
        if !sizes.contains(width) || !sizes.contains(height) { return "the input size must lie in 1...4096" }
        if layout != "NCHW" { return "the layout must be NCHW" }
        if colour != "RGB" { return "the colour order must be RGB" }
        let means = mean.count == 3 && mean.allSatisfy(\.isFinite)
        let deviations = std.count == 3 && std.allSatisfy { $0.isFinite && $0 > 0 }
        return means && deviations ? nil : "mean and std must be three finite numbers each, std above zero"
    }

    /// The picture resized and normalised: shape 1 x 3 x height x width.
    func tensor(of image: RGBImage) throws(InferenceError) -> Tensor {
        let resized = Resampler.resize(image, to: size, rule: resize)
        let plane = width * height
        var values = [Float](repeating: 0, count: plane * 3)
        values.withUnsafeMutableBufferPointer { values in
            resized.withUnsafeBufferPointer { resized in
                for channel in 0..<3 {
                    let scale = 1 / (255 * std[channel])
                    let shift = -mean[channel] / std[channel]
                    for index in 0..<plane {
                        values[channel * plane + index] = resized[index * 3 + channel] * scale + shift
                    }
                }
            }
        }
        return try Tensor(shape: [1, 3, height, width], values: values)
    }
}
