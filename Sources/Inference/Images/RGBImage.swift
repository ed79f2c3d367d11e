/// A decoded picture: rows from the top, three bytes (red, green, blue) a pixel, no padding.
public struct RGBImage: Sendable {
    /// Pixels in a row of `pixels`.
    public let width: Int
    /// Rows in `pixels`.
    public let height: Int
    /// `width * height * 3` bytes.
    public let pixels: [UInt8]
    /// The width of the whole picture, upright; larger than `width` when a JPEG was decoded at a reduced size.
    public let originalWidth: Int
    /// The height of the whole picture, upright.
    public let originalHeight: Int
    /// Pixels of `pixels` for one of the whole picture, each way; the last row and column may hold less than others.
    let reduction: Double

    /// A picture of the given pixels; throws `invalidArgument` when their number does not fit the size.
    public init(width: Int, height: Int, pixels: [UInt8]) throws(InferenceError) {
        try self.init(
            width: width, height: height, pixels: pixels, reduction: 1, originalWidth: width, originalHeight: height)
    }

    init(
        width: Int, height: Int, pixels: [UInt8], reduction: Double, originalWidth: Int, originalHeight: Int
    ) throws(InferenceError) {
        let (count, overflow) = width.multipliedReportingOverflow(by: height)
        let (bytes, overflowed) = count.multipliedReportingOverflow(by: 3)
        guard width > 0, height > 0, !overflow, !overflowed, bytes == pixels.count else {
            throw InferenceError(
                .invalidArgument, what: "The picture cannot be made", place: "\(width)x\(height) pixels",
                cause: "\(pixels.count) bytes were given", remedy: "Give three bytes for each pixel")
        }
        self.width = width
        self.height = height
        self.pixels = pixels
        self.originalWidth = originalWidth
        self.originalHeight = originalHeight
        self.reduction = reduction
    }
}
