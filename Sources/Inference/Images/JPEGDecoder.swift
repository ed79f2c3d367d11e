import CTurboJPEG

/// Decodes JPEG by libjpeg-turbo's TurboJPEG interface, which reports errors instead of jumping.
enum JPEGDecoder {
    static func decode(
        _ bytes: [UInt8], limits: ImageLimits, fitting: PixelSize?
    ) throws(InferenceError) -> RGBImage {
        guard let handle = tjInitDecompress() else {
            throw InferenceError(.imageCorrupt, "no memory for a JPEG decoder")
        }
        defer { tjDestroy(handle) }
        var (width, height, subsampling, colours): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
        guard
            tjDecompressHeader3(handle, bytes, UInt(bytes.count), &width, &height, &subsampling, &colours) == 0
        else { throw failure(handle) }
        let original = PixelSize(width: Int(width), height: Int(height))
        try limits.check(original)
        guard colours != TJCS_CMYK.rawValue, colours != TJCS_YCCK.rawValue else {
            throw InferenceError(.unsupportedFormat, "the JPEG is in CMYK colours, meant for print; convert it to RGB")
        }
        let size = reduced(original, towards: fitting)
        var pixels = [UInt8](repeating: 0, count: size.width * size.height * 3)
        // Stopping at the first warning: a picture cut short decodes to grey, and grey would be classified.
        let result = tjDecompress2(
            handle, bytes, UInt(bytes.count), &pixels, Int32(size.width), 0, Int32(size.height),
            Int32(TJPF_RGB.rawValue), TJFLAG_STOPONWARNING)
        guard result == 0 else { throw failure(handle) }
        return RGBImage(width: size.width, height: size.height, pixels: pixels, original: original)
    }

    /// The smallest of 1, ½, ¼ and ⅛ that still covers the wanted size twice over, so that resizing stays smooth.
    private static func reduced(_ size: PixelSize, towards wanted: PixelSize?) -> PixelSize {
        guard let wanted else { return size }
        for divisor in [8, 4, 2]
        where size.width / divisor >= 2 * wanted.width && size.height / divisor >= 2 * wanted.height {
            return PixelSize(width: (size.width + divisor - 1) / divisor, height: (size.height + divisor - 1) / divisor)
        }
        return size
    }

    private static func failure(_ handle: tjhandle) -> InferenceError {
        InferenceError(.imageCorrupt, "the JPEG can't be decoded: \(String(cString: tjGetErrorStr2(handle)))")
    }
}
