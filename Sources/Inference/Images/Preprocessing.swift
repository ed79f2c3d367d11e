/// What turns a picture into a model's input, as its manifest says.
struct Preprocessing: Codable, Sendable {
    /// Order of the input's dimensions after the batch.
    enum Layout: String, Codable, Sendable {
        /// Channels, rows, columns.
        case planes = "NCHW"
        /// Rows, columns, channels.
        case pixels = "NHWC"
    }

    /// Order of the channels.
    enum Colour: String, Codable, Sendable {
        case rgb = "RGB"
        case bgr = "BGR"
    }

    /// Input width in pixels.
    let width: Int
    /// Input height in pixels.
    let height: Int
    /// How other shapes are brought to that size.
    let resize: ResizeRule
    /// With `crop`: the length to which the shorter side is scaled before cropping; none means just the input's.
    let shorterSide: Int?
    /// Order of the dimensions.
    let layout: Layout
    /// Order of the channels, also of `mean` and `std`.
    let colour: Colour
    /// Mean of each channel, with pixels in 0...1.
    let mean: [Float]
    /// Standard deviation of each channel, with pixels in 0...1.
    let std: [Float]

    private enum CodingKeys: String, CodingKey {
        case width, height, resize, layout, colour, mean, std
        case shorterSide = "shorter_side"
    }

    var size: ImageSize { ImageSize(width: width, height: height) }

    /// What a picture may be reduced to while it is decoded.
    var decodingSize: ImageSize { shorterSide.map { ImageSize(width: $0, height: $0) } ?? size }

    /// The input's shape, for one picture.
    var shape: [Int] {
        switch layout {
        case .planes: [1, 3, height, width]
        case .pixels: [1, height, width, 3]
        }
    }

    /// The reason why these values cannot be used, if there is one.
    var flaw: String? {
        let sizes = 1...4096
        if !sizes.contains(width) || !sizes.contains(height) { return "the input size must lie in 1...4096" }
        if let shorterSide {
            guard resize == .crop else { return "shorter_side needs resize crop" }
            guard sizes.contains(shorterSide), shorterSide >= max(width, height) else {
                return "shorter_side must lie between the input size and 4096"
            }
        }
        let means = mean.count == 3 && mean.allSatisfy(\.isFinite)
        let deviations = std.count == 3 && std.allSatisfy { $0.isFinite && $0 > 0 }
        return means && deviations ? nil : "mean and std must be three finite numbers each, std above zero"
    }

    /// The picture resized and normalised: one picture in the layout.
    func tensor(of image: RGBImage) throws(InferenceError) -> Tensor {
        let resized = Resampler.resize(image, to: size, rule: resize, shorterSide: shorterSide)
        let plane = width * height
        // Where an element goes: so many places for each channel, so many for each pixel.
        let (channelStep, pixelStep) = layout == .planes ? (plane, 1) : (1, 3)
        let values = [Float](unsafeUninitializedCapacity: plane * 3) { values, count in
            resized.withUnsafeBufferPointer { resized in
                for channel in 0..<3 {
                    let scale = 1 / (255 * std[channel])
                    let shift = -mean[channel] / std[channel]
                    let from = colour == .rgb ? channel : 2 - channel
                    for index in 0..<plane {
                        values[channel * channelStep + index * pixelStep] = resized[index * 3 + from] * scale + shift
                    }
                }
            }
            count = plane * 3
        }
        return try Tensor(shape: shape, values: values)
    }
}
