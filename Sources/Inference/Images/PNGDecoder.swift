import CLibPNG

/// Decodes PNG by libpng's simplified interface, which returns errors instead of jumping.
///
/// Palettes, grey and 16 bits become 8-bit RGB; transparency is laid over black.
enum PNGDecoder {
    static func decode(_ bytes: [UInt8], limits: ImageLimits) throws(InferenceError) -> RGBImage {
        var image = png_image()
        image.version = UInt32(PNG_IMAGE_VERSION)
        defer { png_image_free(&image) }
        // The library keeps the address until the picture is read, so both steps stay within one scope.
        let result: Result<RGBImage, InferenceError> = bytes.withUnsafeBytes { buffer in
            do throws(InferenceError) {
                return .success(try read(buffer, &image, limits))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func read(
        _ buffer: UnsafeRawBufferPointer, _ image: inout png_image, _ limits: ImageLimits
    ) throws(InferenceError) -> RGBImage {
        guard png_image_begin_read_from_memory(&image, buffer.baseAddress, buffer.count) != 0 else {
            throw failure(image)
        }
        let size = PixelSize(width: Int(image.width), height: Int(image.height))
        try limits.check(size)
        image.format = UInt32(PNG_FORMAT_FLAG_COLOR)
        var pixels = [UInt8](repeating: 0, count: size.width * size.height * 3)
        var background = png_color(red: 0, green: 0, blue: 0)
        guard png_image_finish_read(&image, &background, &pixels, Int32(size.width * 3), nil) != 0 else {
            throw failure(image)
        }
        return RGBImage(width: size.width, height: size.height, pixels: pixels)
    }

    private static func failure(_ image: png_image) -> InferenceError {
        let message = withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return InferenceError(.imageCorrupt, "the PNG can't be decoded: \(message)")
    }
}
