/// Resizes pictures with an antialiased bilinear filter, first along the rows, then down the columns.
enum Resampler {
    /// The picture as `size.width * size.height * 3` floats in 0...255, interleaved like its pixels.
    static func resize(
        _ image: RGBImage, to size: ImageSize, rule: ResizeRule, shorterSide: Int? = nil
    ) -> [Float] {
        let box = rule.box(of: image, for: size, shorterSide: shorterSide)
        let across = ResampleAxis(length: image.width, origin: box.x, extent: box.width, target: size.width)
        let down = ResampleAxis(length: image.height, origin: box.y, extent: box.height, target: size.height)
        let rows = horizontally(image, across, width: size.width)
        return vertically(rows, down, rowLength: size.width * 3, height: size.height)
    }

    private static func horizontally(_ image: RGBImage, _ axis: ResampleAxis, width: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: image.height * width * 3) { output, count in
            image.pixels.withUnsafeBufferPointer { pixels in
                axis.weights.withUnsafeBufferPointer { weights in
                    for y in 0..<image.height {
                        let row = y * image.width * 3
                        for x in 0..<width {
                            var (red, green, blue): (Float, Float, Float) = (0, 0, 0)
                            var at = row + axis.starts[x] * 3
                            for tap in x * axis.stride..<x * axis.stride + axis.counts[x] {
                                let weight = weights[tap]
                                red += weight * Float(pixels[at])
                                green += weight * Float(pixels[at + 1])
                                blue += weight * Float(pixels[at + 2])
                                at += 3
                            }
                            let out = (y * width + x) * 3
                            output[out] = red
                            output[out + 1] = green
                            output[out + 2] = blue
                        }
                    }
                }
            }
            count = image.height * width * 3
        }
    }

    private static func vertically(_ rows: [Float], _ axis: ResampleAxis, rowLength: Int, height: Int) -> [Float] {
        var result = [Float](repeating: 0, count: rowLength * height)
        result.withUnsafeMutableBufferPointer { output in
            rows.withUnsafeBufferPointer { rows in
                for y in 0..<height {
                    for tap in 0..<axis.counts[y] {
                        let weight = axis.weights[y * axis.stride + tap]
                        let from = (axis.starts[y] + tap) * rowLength
                        for x in 0..<rowLength {
                            output[y * rowLength + x] += weight * rows[from + x]
                        }
                    }
                }
            }
        }
        return result
    }
}
