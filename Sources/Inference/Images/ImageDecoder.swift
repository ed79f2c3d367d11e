/// Decodes JPEG and PNG files to RGB.
public enum ImageDecoder {
    /// Decodes a JPEG or PNG file; a JPEG much larger than `fitting` is decoded at a reduced size, never below it.
    ///
    /// The format is told by the first bytes, and the header's size is held against `limits` before decoding. Throws
    /// `unsupportedFormat`, `imageTooLarge` or `imageCorrupt`.
    public static func decode(
        _ bytes: [UInt8], limits: ImageLimits = ImageLimits(), fitting: ImageSize? = nil
    ) throws(InferenceError) -> RGBImage {
        try limits.check(bytes: bytes.count)
        switch ImageFormat(sniffing: bytes) {
        case .jpeg:
            return try JPEGDecoder.decode(bytes, limits: limits, fitting: fitting)
        case .png:
            return try PNGDecoder.decode(bytes, limits: limits)
        case .some(let other):
            throw unsupported("it is a \(other.rawValue) file")
        case nil:
            throw unsupported(bytes.isEmpty ? "it is empty" : "its first bytes are of no known picture format")
        }
    }

    private static func unsupported(_ cause: String) -> InferenceError {
        InferenceError(
            .unsupportedFormat, what: "Unsupported format of the picture", place: "its first bytes", cause: cause,
            remedy: "Send a JPEG or a PNG file")
    }
}
