import CLibWebP

/// Decodes still WebP files, lossy and lossless, to RGB; transparent parts turn white.
enum WebPDecoder {
    static func decode(_ bytes: [UInt8], limits: ImageLimits) throws(InferenceError) -> RGBImage {
        var features = WebPBitstreamFeatures()
        guard WebPGetFeatures(bytes, bytes.count, &features) == VP8_STATUS_OK else {
            throw corrupt("the decoder cannot read it", place: "WebP header")
        }
        let (width, height) = (Int(features.width), Int(features.height))
        try limits.check(width: width, height: height)
        guard features.has_animation == 0 else {
            throw InferenceError(
                .unsupportedFormat, what: "Unsupported format of the picture", place: "WebP header",
                cause: "it is an animation", remedy: "Send one of its pictures alone")
        }
        let hasAlpha = features.has_alpha != 0
        let channels = hasAlpha ? 4 : 3
        var pixels = [UInt8](repeating: 0, count: width * height * channels)
        let (room, stride) = (pixels.count, Int32(width * channels))
        let done =
            hasAlpha
            ? WebPDecodeRGBAInto(bytes, bytes.count, &pixels, room, stride)
            : WebPDecodeRGBInto(bytes, bytes.count, &pixels, room, stride)
        guard done != nil else { throw corrupt("the decoder stopped before the last pixel", place: "WebP data") }
        return try RGBImage(width: width, height: height, pixels: hasAlpha ? onWhite(pixels) : pixels)
    }

    private static func onWhite(_ rgba: [UInt8]) -> [UInt8] {
        var pixels = [UInt8]()
        pixels.reserveCapacity(rgba.count / 4 * 3)
        for start in stride(from: 0, to: rgba.count - 3, by: 4) {
            let alpha = Int(rgba[start + 3])
            for channel in 0..<3 {
                pixels.append(UInt8((Int(rgba[start + channel]) * alpha + 255 * (255 - alpha) + 127) / 255))
            }
        }
        return pixels
    }

    private static func corrupt(_ cause: String, place: String) -> InferenceError {
        InferenceError(
            .imageCorrupt, what: "The picture is truncated or damaged", place: place, cause: cause,
            remedy: "Send the original file again")
    }
}
