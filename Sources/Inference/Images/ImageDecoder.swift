/// Decodes JPEG, PNG and WebP files to RGB, turned upright.
public enum ImageDecoder {
    /// Decodes a picture; a JPEG much larger than `fitting` is decoded at a reduced size, never below it.
    ///
    /// The format is told by the first bytes, and the header's size is held against `limits` before decoding. Of an
    /// animated PNG its still picture is taken; other animations are refused. Throws `unsupportedFormat`,
    /// `imageTooLarge` or `imageCorrupt`.
    public static func decode(
        _ bytes: [UInt8], limits: ImageLimits = ImageLimits(), fitting: ImageSize? = nil
    ) throws(InferenceError) -> RGBImage {
        try limits.check(bytes: bytes.count)
        guard let format = ImageFormat(sniffing: bytes) else {
            throw unsupported(bytes.isEmpty ? "it is empty" : "its first bytes are of no known picture format")
        }
        let orientation = Exif.orientation(of: bytes, format)
        let stored = fitting.map { orientation.swapsSides ? ImageSize(width: $0.height, height: $0.width) : $0 }
        switch format {
        case .jpeg:
            return try orientation.upright(try JPEGDecoder.decode(bytes, limits: limits, fitting: stored))
        case .png:
            return try orientation.upright(try PNGDecoder.decode(bytes, limits: limits))
        case .webp:
            return try orientation.upright(try WebPDecoder.decode(bytes, limits: limits))
        case .gif, .bmp, .tiff, .heif:
            throw unsupported("it is a \(format.rawValue) file")
        }
    }

    private static func unsupported(_ cause: String) -> InferenceError {
        InferenceError(
            .unsupportedFormat, what: "Unsupported format of the picture", place: "its first bytes", cause: cause,
            remedy: "Send a JPEG, PNG or WebP file")
    }
}
