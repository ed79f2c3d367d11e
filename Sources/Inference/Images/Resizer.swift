/// Resizes pictures as Pillow's antialiased bilinear filter does: each output pixel is a triangle-weighted mean of the
/// input pixels under it, first along rows, then along columns.
enum Resizer {
    /// Resizes to three planes (red, green, blue) of numbers from 0 to 255.
    static func planes(_ image: RGBImage, width: Int, height: Int) -> [Float] {
        let across = weights(from: image.width, to: width)
        let down = weights(from: image.height, to: height)
        // Rows first, keeping all three colours together.
        var narrow = [Float](repeating: 0, count: image.height * width * 3)
        image.pixels.withUnsafeBufferPointer { pixels in
            narrow.withUnsafeMutableBufferPointer { narrow in
                for y in 0..<image.height {
                    for (x, span) in across.enumerated() {
                        var (red, green, blue): (Float, Float, Float) = (0, 0, 0)
                        var at = (y * image.width + span.start) * 3
                        for weight in span.weights {
                            red += weight * Float(pixels[at])
                            green += weight * Float(pixels[at + 1])
                            blue += weight * Float(pixels[at + 2])
                            at += 3
                        }
                        let to = (y * width + x) * 3
                        (narrow[to], narrow[to + 1], narrow[to + 2]) = (red, green, blue)
                    }
                }
            }
        }
        var planes = [Float](repeating: 0, count: 3 * width * height)
        for (y, span) in down.enumerated() {
            for (offset, weight) in span.weights.enumerated() {
                let row = (span.start + offset) * width * 3
                for x in 0..<width {
                    for colour in 0..<3 {
                        planes[(colour * height + y) * width + x] += weight * narrow[row + x * 3 + colour]
                    }
                }
            }
        }
        return planes
    }

    private struct Span {
        let start: Int
        let weights: [Float]
    }

    private static func weights(from input: Int, to output: Int) -> [Span] {
        let scale = Double(input) / Double(output)
        let reach = max(scale, 1)
        return (0..<output).map { index in
            let centre = (Double(index) + 0.5) * scale
            let start = max(Int((centre - reach + 0.5).rounded(.down)), 0)
            let end = max(min(Int((centre + reach + 0.5).rounded(.down)), input), start + 1)
            let raw = (start..<end).map { max(0, 1 - abs((Double($0) - centre + 0.5) / reach)) }
            let sum = raw.reduce(0, +)
            return Span(start: start, weights: raw.map { Float(sum > 0 ? $0 / sum : 1 / Double(raw.count)) })
        }
    }
}
