import CTurboJPEG

/// Decodes JPEG files with TurboJPEG, at a reduced size where that is enough.
enum JPEGDecoder {
    static func decode(
        _ bytes: [UInt8], limits: ImageLimits, fitting: ImageSize?
    ) throws(InferenceError) -> RGBImage {
        guard let handle = tjInitDecompress() else {
            throw corrupt("the decoder could not start", place: "JPEG decoder")
        }
        defer { tjDestroy(handle) }
        var width: Int32 = 0
        var height: Int32 = 0
        var subsampling: Int32 = 0
        var colours: Int32 = 0
        let length = UInt(bytes.count)
        guard tjDecompressHeader3(handle, bytes, length, &width, &height, &subsampling, &colours) == 0 else {
            throw corrupt(text(handle), place: "JPEG header")
        }
        try limits.check(width: Int(width), height: Int(height))
        let size = scaledSize(width: width, height: height, fitting: fitting)
        // Inks cannot be converted by the library, so they come out as they are stored.
        let inks = colours == Int32(TJCS_CMYK.rawValue) || colours == Int32(TJCS_YCCK.rawValue)
        let format = Int32(inks ? TJPF_CMYK.rawValue : TJPF_RGB.rawValue)
        var pixels = [UInt8](repeating: 0, count: Int(size.width) * Int(size.height) * (inks ? 4 : 3))
        let status = tjDecompress2(
            handle, bytes, length, &pixels, size.width, 0, size.height, format, TJFLAG_LIMITSCANS)
        if status != 0 {
            try judge(handle, bytes)
        }
        return try RGBImage(
            width: Int(size.width), height: Int(size.height), pixels: inks ? rgb(fromInvertedInks: pixels) : pixels,
            reduction: size.reduction, originalWidth: Int(width), originalHeight: Int(height))
    }

    /// The smallest DCT-scaled size that is still twice the target each way: the resampling filter needs the margin
    /// to give what it gives from the full picture.
    private static func scaledSize(
        width: Int32, height: Int32, fitting: ImageSize?
    ) -> (width: Int32, height: Int32, reduction: Double) {
        var best = (width: width, height: height, reduction: 1.0)
        var count: Int32 = 0
        guard let fitting, let factors = tjGetScalingFactors(&count) else { return best }
        let wanted = (width: fitting.width.clampedDouble, height: fitting.height.clampedDouble)
        for factor in UnsafeBufferPointer(start: factors, count: Int(count)) where factor.num < factor.denom {
            let scaled = (
                width: scale(width, by: factor), height: scale(height, by: factor),
                reduction: Double(factor.num) / Double(factor.denom)
            )
            if scaled.width >= wanted.width, scaled.height >= wanted.height, scaled.width < best.width {
                best = scaled
            }
        }
        return best
    }

    private static func scale(_ length: Int32, by factor: tjscalingfactor) -> Int32 {
        Int32((Int(length) * Int(factor.num) + Int(factor.denom) - 1) / Int(factor.denom))
    }

    /// Decides what a complaint of the decoder means: stray bytes between markers are common in camera files and
    /// harmless, everything else means that part of the picture is missing.
    private static func judge(_ handle: tjhandle, _ bytes: [UInt8]) throws(InferenceError) {
        let complaint = text(handle)
        let harmless = tjGetErrorCode(handle) == Int32(TJERR_WARNING.rawValue) && complaint.contains("extraneous")
        let ends = zip(bytes.suffix(4096), bytes.suffix(4096).dropFirst()).contains { $0 == 0xFF && $1 == 0xD9 }
        guard harmless, ends else { throw corrupt(complaint, place: "JPEG data") }
    }

    /// Four-ink files are stored inverted by every common writer: 255 means no ink.
    private static func rgb(fromInvertedInks inks: [UInt8]) -> [UInt8] {
        var pixels = [UInt8]()
        pixels.reserveCapacity(inks.count / 4 * 3)
        for start in stride(from: 0, to: inks.count - 3, by: 4) {
            let black = Int(inks[start + 3])
            for channel in 0..<3 {
                pixels.append(UInt8((Int(inks[start + channel]) * black + 127) / 255))
            }
        }
        return pixels
    }

    private static func text(_ handle: tjhandle) -> String {
        tjGetErrorStr2(handle).map { String(cString: $0) } ?? "the decoder gave no reason"
    }

    private static func corrupt(_ cause: String, place: String) -> InferenceError {
        InferenceError(
            .imageCorrupt, what: "The picture is truncated or damaged", place: place, cause: cause,
            remedy: "Send the original file again")
    }
}

extension Int {
    /// Twice the value, held within what the decoder's 32-bit sizes can express.
    fileprivate var clampedDouble: Int32 { Int32(Swift.min(Swift.max(self, 1), 1 << 20) * 2) }
}
