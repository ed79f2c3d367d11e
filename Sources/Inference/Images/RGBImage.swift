/// A decoded picture: three bytes a pixel, row by row from the top.
public struct RGBImage: Hashable, Sendable {
    /// Pixels across.
    public let width: Int
    /// Pixels down.
    public let height: Int
    /// Red, green and blue of each pixel: 3 × width × height bytes.
    public let pixels: [UInt8]
    /// The size the file says, which a decoder may have reduced while decoding.
    public let original: PixelSize

    init(width: Int, height: Int, pixels: [UInt8], original: PixelSize? = nil) {
        self.width = width
        self.height = height
        self.pixels = pixels
        self.original = original ?? PixelSize(width: width, height: height)
    }
}

/// A size in pixels.
public struct PixelSize: Hashable, Sendable {
    /// Pixels across.
    public let width: Int
    /// Pixels down.
    public let height: Int

    /// Makes a size.
    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }
}

/// How large a picture may be.
public struct ImageLimits: Hashable, Sendable {
    /// Bytes of the file at most.
    public var bytesMax: Int
    /// Pixels at most, judged by the header before anything is decoded.
    public var pixelsMax: Int

    /// 20 MiB and 50 megapixels.
    public init(bytesMax: Int = 20 << 20, pixelsMax: Int = 50_000_000) {
        self.bytesMax = bytesMax
        self.pixelsMax = pixelsMax
    }

    func check(_ size: PixelSize) throws(InferenceError) {
        let (pixels, overflow) = size.width.multipliedReportingOverflow(by: size.height)
        guard size.width > 0, size.height > 0 else {
            throw InferenceError(.imageCorrupt, "the picture's header says \(size.width) × \(size.height) pixels")
        }
        guard !overflow, pixels <= pixelsMax else {
            throw InferenceError(
                .imageTooLarge, "the picture is \(size.width) × \(size.height), over the limit of \(pixelsMax) pixels")
        }
    }
}
