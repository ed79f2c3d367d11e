/// Decodes JPEG and PNG, told apart by their first bytes.
public enum ImageDecoder {
    /// Decodes a picture.
    /// - Parameters:
    ///   - bytes: The file.
    ///   - limits: How large it may be; pixels are counted before any is decoded.
    ///   - fitting: If given, a JPEG may be reduced by 2, 4 or 8 while it is decoded, but not below this size.
    /// - Throws: `InferenceError`: `unsupportedFormat`, `imageTooLarge` or `imageCorrupt`.
    public static func decode(
        _ bytes: [UInt8], limits: ImageLimits = ImageLimits(), fitting: PixelSize? = nil
    ) throws(InferenceError) -> RGBImage {
        guard !bytes.isEmpty else { throw InferenceError(.imageCorrupt, "the picture is empty") }
        guard bytes.count <= limits.bytesMax else {
            throw InferenceError(
                .imageTooLarge, "the picture has \(bytes.count) bytes, over the limit of \(limits.bytesMax)")
        }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            return try JPEGDecoder.decode(bytes, limits: limits, fitting: fitting)
        }
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            return try PNGDecoder.decode(bytes, limits: limits)
        }
        throw InferenceError(.unsupportedFormat, "the picture is neither JPEG nor PNG; convert it to one of them")
    }
}
