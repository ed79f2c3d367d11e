/// How a stored picture must be turned or mirrored to be seen upright; the values are those of EXIF's tag 0x0112.
enum Orientation: Int {
    case upright = 1
    case mirrored
    case upsideDown
    case flipped
    case transposed
    case turnedLeft
    case transversed
    case turnedRight

    /// Whether width and height change places.
    var swapsSides: Bool { rawValue >= Orientation.transposed.rawValue }

    /// The picture as it is meant to be seen.
    func upright(_ image: RGBImage) throws(InferenceError) -> RGBImage {
        guard self != .upright else { return image }
        let (width, height) = swapsSides ? (image.height, image.width) : (image.width, image.height)
        let walk = walk(image.width, image.height)
        let pixels = [UInt8](unsafeUninitializedCapacity: image.pixels.count) { output, count in
            image.pixels.withUnsafeBufferPointer { source in
                var at = 0
                for y in 0..<height {
                    for x in 0..<width {
                        let from = (walk.start + x * walk.right + y * walk.down) * 3
                        output[at] = source[from]
                        output[at + 1] = source[from + 1]
                        output[at + 2] = source[from + 2]
                        at += 3
                    }
                }
            }
            count = image.pixels.count
        }
        let original = (image.originalWidth, image.originalHeight)
        return try RGBImage(
            width: width, height: height, pixels: pixels, reduction: image.reduction,
            originalWidth: swapsSides ? original.1 : original.0,
            originalHeight: swapsSides ? original.0 : original.1)
    }

    /// The stored pixel that is seen at the top left, and the steps from one to the next seen pixel.
    private func walk(_ width: Int, _ height: Int) -> (start: Int, right: Int, down: Int) {
        let (lastColumn, lastRow) = (width - 1, (height - 1) * width)
        return switch self {
        case .upright: (0, 1, width)
        case .mirrored: (lastColumn, -1, width)
        case .upsideDown: (lastRow + lastColumn, -1, -width)
        case .flipped: (lastRow, 1, -width)
        case .transposed: (0, width, 1)
        case .turnedLeft: (lastRow, -width, 1)
        case .transversed: (lastRow + lastColumn, -width, -1)
        case .turnedRight: (lastColumn, width, -1)
        }
    }
}
