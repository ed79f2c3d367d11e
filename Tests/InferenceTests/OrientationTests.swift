import Testing

@testable import Inference

@Suite("Orientation")
struct OrientationTests {
    @Test(
        "a picture is seen upright however it is stored",
        arguments: (1...8).map { "orientation-\($0).jpg" } + ["orientation-6.png", "orientation-6.webp"])
    func upright(name: String) throws {
        let upright = try ImageDecoder.decode(try Repository.fixture("upright.png"))
        let image = try ImageDecoder.decode(try Repository.fixture(name))
        #expect(image.width == upright.width && image.height == upright.height)
        #expect(image.originalWidth == 24 && image.originalHeight == 16)
        let tolerance = name.hasSuffix(".jpg") ? 4 : 0
        #expect(zip(image.pixels, upright.pixels).allSatisfy { abs(Int($0) - Int($1)) <= tolerance })
    }

    @Test("a turned JPEG is reduced to no less than the size it is wanted at")
    func reduced() throws {
        let bytes = try Repository.fixture("orientation-6.jpg")
        let image = try ImageDecoder.decode(bytes, fitting: ImageSize(width: 6, height: 4))
        #expect(image.width >= 12 && image.height >= 8 && image.width < 24)
        #expect(image.originalWidth == 24 && image.originalHeight == 16)
    }

    @Test("metadata with impossible offsets, counts and values means upright")
    func damaged() throws {
        let bytes = try Repository.fixture("orientation-6.jpg")
        let start = try #require(bytes.indices.first { bytes[$0...].starts(with: "Exif".utf8) }) + 6
        for at in start..<start + 26 {
            for value: UInt8 in [0, 0x7F, 0xFF] {
                var changed = bytes
                changed[at] = value
                let image = try ImageDecoder.decode(changed)
                #expect(image.pixels.count == 24 * 16 * 3)
            }
        }
    }
}
