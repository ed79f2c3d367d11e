import Testing

@testable import Inference

@Suite("Resizing")
struct ResamplerTests {
    @Test("a resized picture is Pillow's within rounding", arguments: ["resize-16x12", "resize-50x31"])
    func agreesWithPillow(name: String) throws {
        let expectation = try Expectation.named(name)
        let image = try ImageDecoder.decode(try Repository.fixture("rgb.png"))
        let size = ImageSize(width: expectation.shape[1], height: expectation.shape[0])
        let resized = Resampler.resize(image, to: size, rule: .stretch)
        #expect(resized.count == expectation.values.count)
        #expect(zip(resized, expectation.values).allSatisfy { abs($0 - $1) <= 1.2 })
    }

    @Test(
        "a photograph prepared for a model is Pillow's within rounding, though it is decoded at a reduced size",
        arguments: [("trout-stretched.png", ResizeRule.stretch, nil), ("trout-cropped.png", .crop, 72)]
            as [(
                String, ResizeRule, Int?
            )])
    func photograph(name: String, rule: ResizeRule, shorterSide: Int?) throws {
        let bytes = try Repository.bytes("\(Repository.models)/fish/samples/trout-1000px.jpg")
        let wanted = try ImageDecoder.decode(try Repository.fixture(name))
        let size = ImageSize(width: wanted.width, height: wanted.height)
        let decodingSize = shorterSide.map { ImageSize(width: $0, height: $0) } ?? size
        for (fitting, worst, mean) in [(nil, 1.2, 0.5), (decodingSize, 8, 1)] as [(ImageSize?, Float, Float)] {
            let image = try ImageDecoder.decode(bytes, fitting: fitting)
            let resized = Resampler.resize(image, to: size, rule: rule, shorterSide: shorterSide)
            let differences = zip(resized, wanted.pixels).map { abs($0 - Float($1)) }
            #expect(resized.count == wanted.pixels.count)
            #expect(differences.max() ?? 255 <= worst)
            #expect(differences.reduce(0, +) / Float(differences.count) <= mean)
        }
    }

    @Test("cropping shows the centre of a wide picture")
    func crop() throws {
        let row = (0..<30).flatMap { x in [UInt8](repeating: x >= 10 && x < 20 ? 200 : 0, count: 3) }
        let image = try RGBImage(width: 30, height: 10, pixels: Array((0..<10).map { _ in row }.joined()))
        let resized = Resampler.resize(image, to: ImageSize(width: 10, height: 10), rule: .crop)
        #expect(resized.allSatisfy { abs($0 - 200) < 0.01 })
    }

    @Test("a single pixel can be enlarged")
    func single() throws {
        let image = try RGBImage(width: 1, height: 1, pixels: [10, 20, 30])
        let resized = Resampler.resize(image, to: ImageSize(width: 3, height: 2), rule: .stretch)
        #expect(resized.count == 18)
        #expect(abs(resized[17] - 30) < 0.01)
    }
}
