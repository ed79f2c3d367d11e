/// Finds the orientation among the metadata of a picture; what is damaged or absent means upright.
///
/// Sources: the EXIF 2.32 standard (JEITA CP-3451X), section 4.5, and TIFF 6.0, section 2.
enum Exif {
    private static let orientationTag = 0x0112
    private static let short = 3
    private static let marker: [UInt8] = Array("Exif\0\0".utf8)

    static func orientation(of bytes: [UInt8], _ format: ImageFormat) -> Orientation {
        let block: ArraySlice<UInt8>? =
            switch format {
            case .jpeg: inJPEG(bytes)
            case .png: inPNG(bytes)
            case .webp: inWebP(bytes)
            default: nil
            }
        return block.flatMap(orientation) ?? .upright
    }

    /// Segments up to the start of the pixels.
    private static func inJPEG(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
        var reader = ByteReader(bytes[...], at: 2, isBigEndian: true)
        while let lead = reader.number(1), lead == 0xFF, var kind = reader.number(1) {
            while kind == 0xFF, let next = reader.number(1) { kind = next }
            if kind == 0xDA { return nil }
            guard let length = reader.number(2), length >= 2, let body = reader.bytes(length - 2) else { return nil }
            if kind == 0xE1, body.starts(with: marker) { return body.dropFirst(marker.count) }
        }
        return nil
    }

    private static func inPNG(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
        var reader = ByteReader(bytes[...], at: 8, isBigEndian: true)
        while let length = reader.number(4), let kind = reader.bytes(4), let body = reader.bytes(length) {
            if kind.elementsEqual("eXIf".utf8) { return body }
            _ = reader.bytes(4)
        }
        return nil
    }

    private static func inWebP(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
        var reader = ByteReader(bytes[...], at: 12, isBigEndian: false)
        while let kind = reader.bytes(4), let length = reader.number(4), let body = reader.bytes(length) {
            if kind.elementsEqual("EXIF".utf8) {
                return body.starts(with: marker) ? body.dropFirst(marker.count) : body
            }
            if !length.isMultiple(of: 2) { _ = reader.bytes(1) }
        }
        return nil
    }

    /// The tag in the first directory of a TIFF block.
    private static func orientation(_ block: ArraySlice<UInt8>) -> Orientation? {
        let isBigEndian: Bool
        switch Array(block.prefix(4)) {
        case [0x49, 0x49, 0x2A, 0x00]: isBigEndian = false
        case [0x4D, 0x4D, 0x00, 0x2A]: isBigEndian = true
        default: return nil
        }
        var header = ByteReader(block, at: 4, isBigEndian: isBigEndian)
        guard let offset = header.number(4) else { return nil }
        var directory = ByteReader(block, at: offset, isBigEndian: isBigEndian)
        guard let entries = directory.number(2) else { return nil }
        for _ in 0..<entries {
            guard let tag = directory.number(2), let type = directory.number(2), let count = directory.number(4),
                let value = directory.number(2), directory.bytes(2) != nil
            else { return nil }
            if tag == orientationTag { return type == short && count == 1 ? Orientation(rawValue: value) : nil }
        }
        return nil
    }
}
