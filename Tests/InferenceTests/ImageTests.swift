import Foundation
import Inference
import TestSupport
import Testing

@Suite("Pictures")
struct ImageTests {
    private static let sample = "\(ModelTests.models)/fish/samples/tilapia.jpg"
    /// A PNG of 2 × 1 pixels, red and blue.
    private static let png =
        "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAADUlEQVR4nGP4zwAE/wEHAAH/4iOeWQAAAABJRU5ErkJggg=="

    private func jpeg() throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: Self.sample)))
    }

    private func refusal(_ bytes: [UInt8], _ limits: ImageLimits = ImageLimits()) -> InferenceError.Code? {
        do throws(InferenceError) {
            _ = try ImageDecoder.decode(bytes, limits: limits)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("a JPEG is decoded, and reduced on request while its own size is kept")
    func decodesJPEG() throws {
        let whole = try ImageDecoder.decode(try jpeg())
        #expect(whole.width == 480)
        #expect(whole.pixels.count == 480 * 480 * 3)
        let small = try ImageDecoder.decode(try jpeg(), fitting: PixelSize(width: 64, height: 64))
        #expect(small.width == 240)
        #expect(small.original == PixelSize(width: 480, height: 480))
    }

    @Test("a PNG is decoded")
    func decodesPNG() throws {
        let image = try ImageDecoder.decode(Array(try #require(Data(base64Encoded: Self.png))))
        #expect(image.width == 2)
        #expect(image.pixels == [255, 0, 0, 0, 0, 255])
    }

    @Test("other formats, empty and cut pictures are refused")
    func refused() throws {
        #expect(refusal([]) == .imageCorrupt)
        #expect(refusal(Array("GIF89a".utf8)) == .unsupportedFormat)
        #expect(refusal(Array("RIFF....WEBP".utf8)) == .unsupportedFormat)
        #expect(refusal([0xFF, 0xD8, 0xFF]) == .imageCorrupt)
        let cut = Array(try jpeg().prefix(5000))
        #expect(refusal(cut) == .imageCorrupt)
        let png = Array(try #require(Data(base64Encoded: Self.png)))
        #expect(refusal(Array(png.prefix(50))) == .imageCorrupt)
    }

    @Test("a picture with too many bytes or pixels is refused before it is decoded")
    func limits() throws {
        let jpeg = try jpeg()
        #expect(refusal(jpeg, ImageLimits(bytesMax: 100)) == .imageTooLarge)
        #expect(refusal(jpeg, ImageLimits(pixelsMax: 480 * 480 - 1)) == .imageTooLarge)
        // A header that promises 65,024 × 65,024 pixels in a file of a few kilobytes.
        var bomb = jpeg
        let frame = try #require(bomb.indices.first { bomb[$0] == 0xFF && $0 + 1 < bomb.count && bomb[$0 + 1] == 0xC0 })
        for offset in [5, 7] { bomb[frame + offset] = 0xFE }
        #expect(refusal(bomb) == .imageTooLarge)
    }

    @Test("damaged pictures are decoded or refused, and never trap", arguments: 0..<4)
    func hostile(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let png = Array(try #require(Data(base64Encoded: Self.png)))
        for original in [Array(try jpeg().prefix(20_000)), png] {
            for _ in 0..<200 {
                var bytes = original
                for _ in 0..<4 {
                    let end = Bool.random(using: &generator) ? min(700, bytes.count) : bytes.count
                    bytes[Int.random(in: 0..<end, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
                }
                do throws(InferenceError) {
                    let image = try ImageDecoder.decode(bytes, limits: ImageLimits(pixelsMax: 1_000_000))
                    #expect(image.pixels.count == image.width * image.height * 3)
                } catch {
                    #expect(!error.message.isEmpty)
                }
            }
        }
    }
}
