import Inference
import Testing

@Suite("Images")
struct ImageDecoderTests {
    @Test(
        "every common kind of JPEG, PNG and WebP is decoded",
        arguments: [
            "rgb.png", "rgb.jpg", "progressive.jpg", "gray.jpg", "gray.png", "palette.png", "cmyk.jpg",
            "transparent.png", "gray16.png", "rgb16.png", "picture.webp", "lossless.webp", "alpha.webp", "animated.png",
        ])
    func decodes(name: String) throws {
        let image = try ImageDecoder.decode(try Repository.fixture(name))
        #expect(image.width == 37 && image.height == 23)
        #expect(image.pixels.count == 37 * 23 * 3)
        #expect(name == "transparent.png" || Set(image.pixels).count > 4)
    }

    @Test("the pixels of a lossless file come out as they were written", arguments: ["rgb.png", "lossless.webp"])
    func exactPixels(name: String) throws {
        let image = try ImageDecoder.decode(try Repository.fixture(name))
        for (x, y) in [(0, 0), (36, 22), (5, 17)] {
            let start = (y * 37 + x) * 3
            let wanted = [UInt8(x * 7 % 256), UInt8(y * 11 % 256), UInt8(x * y % 256)]
            #expect(Array(image.pixels[start..<start + 3]) == wanted)
        }
    }

    @Test("a four-ink JPEG has about the colours of the same picture in RGB")
    func inks() throws {
        let inks = try ImageDecoder.decode(try Repository.fixture("cmyk.jpg"))
        let colours = try ImageDecoder.decode(try Repository.fixture("rgb.png"))
        let differences = zip(inks.pixels, colours.pixels).map { abs(Int($0) - Int($1)) }
        #expect(differences.reduce(0, +) / differences.count < 12)
    }

    @Test("16 bits a channel give what 8 bits give")
    func wideChannels() throws {
        let wide = try ImageDecoder.decode(try Repository.fixture("rgb16.png"))
        #expect(wide.pixels == (try ImageDecoder.decode(try Repository.fixture("rgb.png"))).pixels)
    }

    @Test("the still picture of an animated PNG is taken")
    func animatedPNG() throws {
        let still = try ImageDecoder.decode(try Repository.fixture("animated.png"))
        #expect(still.pixels == (try ImageDecoder.decode(try Repository.fixture("rgb.png"))).pixels)
    }

    @Test("half transparent parts of a WebP are mixed with white")
    func halfTransparent() throws {
        let mixed = try ImageDecoder.decode(try Repository.fixture("alpha.webp"))
        let opaque = try ImageDecoder.decode(try Repository.fixture("rgb.png"))
        #expect(zip(mixed.pixels, opaque.pixels).allSatisfy { abs(Int($0) - (Int($1) * 128 + 255 * 127) / 255) <= 1 })
    }

    @Test("transparent parts turn white")
    func transparent() throws {
        let image = try ImageDecoder.decode(try Repository.fixture("transparent.png"))
        #expect(image.pixels.allSatisfy { $0 == 255 })
    }

    @Test("an animated WebP, GIF, an empty file and text are refused as unsupported")
    func unsupported() throws {
        let files = [
            try Repository.fixture("animated.webp"), try Repository.fixture("picture.gif"), [], Array("hello".utf8),
        ]
        for bytes in files {
            let error = #expect(throws: InferenceError.self) { try ImageDecoder.decode(bytes) }
            #expect(error?.code == .unsupportedFormat)
            #expect(error?.message.contains("Unsupported format") == true)
        }
    }

    @Test(
        "a truncated picture is refused wherever it is cut",
        arguments: ["rgb.jpg", "progressive.jpg", "rgb.png", "picture.webp", "lossless.webp"])
    func truncated(name: String) throws {
        let bytes = try Repository.fixture(name)
        for length in stride(from: 16, to: bytes.count - 2, by: 7) {
            let error = #expect(throws: InferenceError.self) { try ImageDecoder.decode(Array(bytes[..<length])) }
            #expect(error?.code == .imageCorrupt)
        }
    }

    @Test("a header announcing too many pixels is refused before decoding")
    func bomb() throws {
        let bytes = try Repository.fixture("bomb.png")
        let error = #expect(throws: InferenceError.self) { try ImageDecoder.decode(bytes) }
        #expect(error?.code == .imageTooLarge)
        #expect(error?.message.contains("60000x60000") == true)
    }

    @Test("the limits on bytes and pixels hold")
    func limits() throws {
        let bytes = try Repository.fixture("rgb.jpg")
        for limits in [ImageLimits(bytesMax: bytes.count - 1), ImageLimits(pixelsMax: 37 * 23 - 1)] {
            let error = #expect(throws: InferenceError.self) { try ImageDecoder.decode(bytes, limits: limits) }
            #expect(error?.code == .imageTooLarge)
        }
        let exact = ImageLimits(bytesMax: bytes.count, pixelsMax: 37 * 23)
        #expect(try ImageDecoder.decode(bytes, limits: exact).width == 37)
    }

    @Test("a large JPEG is decoded at a reduced size that is never below the target")
    func reduced() throws {
        let bytes = try Repository.bytes("\(Repository.models)/fish/samples/trout-1000px.jpg")
        let image = try ImageDecoder.decode(bytes, fitting: ImageSize(width: 64, height: 64))
        #expect(image.originalWidth == 1000)
        #expect(image.width < 500 && image.width >= 64 && image.height >= 64)
    }
}
