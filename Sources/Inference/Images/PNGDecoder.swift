import CLibPNG

/// Decodes PNG files of every kind (gray, palette, 16 bits, alpha) to RGB; transparent parts turn white.
enum PNGDecoder {
    static func decode(_ bytes: [UInt8], limits: ImageLimits) throws(InferenceError) -> RGBImage {
        try checkChunks(bytes)
        var image = png_image()
        image.version = UInt32(PNG_IMAGE_VERSION)
        defer { png_image_free(&image) }
        var failure: InferenceError?
        var pixels = [UInt8]()
        // The library keeps the pointer between the two calls, so both run where it is valid.
        bytes.withUnsafeBytes { source in
            guard png_image_begin_read_from_memory(&image, source.baseAddress, source.count) != 0 else {
                failure = corrupt(text(image), place: "PNG header")
                return
            }
            do throws(InferenceError) {
                try limits.check(width: Int(image.width), height: Int(image.height))
            } catch {
                failure = error
                return
            }
            image.format = UInt32(PNG_FORMAT_RGB)
            // Without a gamma of their own, 16-bit files are taken as other programs take them, not as linear light.
            image.flags |= UInt32(PNG_IMAGE_FLAG_16BIT_sRGB)
            pixels = [UInt8](repeating: 255, count: Int(image.width) * Int(image.height) * 3)
            var white = png_color(red: 255, green: 255, blue: 255)
            if png_image_finish_read(&image, &white, &pixels, 0, nil) == 0 {
                failure = corrupt(text(image), place: "PNG data")
            }
        }
        if let failure { throw failure }
        return try RGBImage(width: Int(image.width), height: Int(image.height), pixels: pixels)
    }

    /// Walks the chunks to the end mark: the library stops reading with the last pixel and would not miss it.
    private static func checkChunks(_ bytes: [UInt8]) throws(InferenceError) {
        var offset = 8
        while bytes.count - offset >= 12 {
            let length = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
            let kind = bytes[offset + 4..<offset + 8]
            guard length <= bytes.count - offset - 12 else { break }
            if kind.elementsEqual("IEND".utf8) { return }
            offset += 12 + length
        }
        throw corrupt("the file ends before its end mark", place: "PNG chunk at byte \(offset)")
    }

    private static func text(_ image: png_image) -> String {
        withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    private static func corrupt(_ cause: String, place: String) -> InferenceError {
        InferenceError(
            .imageCorrupt, what: "The picture is truncated or damaged", place: place, cause: cause,
            remedy: "Send the original file again")
    }
}
