/// How a picture of another shape is brought to a model's input size.
enum ResizeRule: String, Codable, Sendable {
    /// The whole picture, its sides scaled apart.
    case stretch
    /// The largest centred part that has the input's shape.
    case crop

    /// A part of a picture, in its stored pixels.
    struct Box {
        let x: Double
        let y: Double
        let width: Double
        let height: Double
    }

    /// The part of the picture that is shown.
    ///
    /// With `shorterSide` it is what remains when the picture is scaled until its shorter side has that length and is
    /// then cropped to the size: torchvision's `Resize` and `CenterCrop`, their rounding included.
    func box(of image: RGBImage, for size: ImageSize, shorterSide: Int? = nil) -> Box {
        let whole = box(width: image.originalWidth, height: image.originalHeight, size, shorterSide)
        let scale = image.reduction
        return Box(x: whole.x * scale, y: whole.y * scale, width: whole.width * scale, height: whole.height * scale)
    }

    private func box(width columns: Int, height rows: Int, _ size: ImageSize, _ shorterSide: Int?) -> Box {
        let (width, height) = (Double(columns), Double(rows))
        guard self == .crop else { return Box(x: 0, y: 0, width: width, height: height) }
        guard let shorterSide else {
            let shown = min(width / Double(size.width), height / Double(size.height))
            let (w, h) = (shown * Double(size.width), shown * Double(size.height))
            return Box(x: (width - w) / 2, y: (height - h) / 2, width: w, height: h)
        }
        let shorter = min(columns, rows)
        let across = Self.span(length: columns, scaled: shorterSide * columns / shorter, shown: size.width)
        let down = Self.span(length: rows, scaled: shorterSide * rows / shorter, shown: size.height)
        return Box(x: across.start, y: down.start, width: across.length, height: down.length)
    }

    private static func span(length: Int, scaled: Int, shown: Int) -> (start: Double, length: Double) {
        let pixel = Double(length) / Double(scaled)
        let start = (Double(scaled - shown) / 2).rounded(.toNearestOrEven)
        return (start * pixel, Double(shown) * pixel)
    }
}
