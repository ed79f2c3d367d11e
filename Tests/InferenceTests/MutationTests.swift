import Inference
import Testing

/// Damaged files give errors or answers, never a crash; the seed makes a failure repeatable.
@Suite("Damaged files")
struct MutationTests {
    @Test("a damaged model is refused or runs, and never crashes")
    func smallModel() throws {
        let expectation = try Expectation.named("tiny-network")
        let input = try Expectation.tensor(expectation.input)
        var refused = 0
        try mutate(try Repository.fixture("tiny-network.onnx"), times: 1200, seed: 1) { bytes in
            do throws(InferenceError) {
                _ = try Model(onnx: bytes).run(input)
            } catch {
                #expect(!error.message.isEmpty)
                refused += 1
            }
        }
        #expect(refused > 100)
    }

    @Test("damage to any kind of node is survived", arguments: ["shapes", "conv-read-twice", "averagepool-options"])
    func otherModels(name: String) throws {
        let expectation = try Expectation.named(name)
        let input = try Expectation.tensor(expectation.input)
        var refused = 0
        try mutate(try Repository.fixture("\(name).onnx"), times: 300, seed: 2) { bytes in
            if (try? Model(onnx: bytes).run(input)) == nil { refused += 1 }
        }
        #expect(refused > 30)
    }

    @Test("the shipped model cut short anywhere is refused")
    func shippedModel() throws {
        let bytes = try Repository.bytes("\(Repository.models)/fish/v1/model.onnx")
        var random = SeededGenerator(seed: 3)
        for _ in 0..<60 {
            let cut = Array(bytes[..<Int.random(in: 0..<bytes.count, using: &random)])
            #expect(throws: InferenceError.self) { try Model(onnx: cut) }
        }
    }

    @Test("the shipped model with damaged bytes never crashes")
    func damagedShippedModel() throws {
        let input = try Expectation.tensor([1, 3, 64, 64])
        var survived = 0
        // Only what describes the graph is damaged: a changed weight is still a weight.
        let bytes = try Repository.bytes("\(Repository.models)/fish/v1/model.onnx")
        let structure = Array(bytes.prefix(2500))
        try mutate(structure, times: 150, seed: 5) { damaged in
            let model = damaged.count < structure.count - 3 ? damaged : damaged + bytes.dropFirst(structure.count)
            if (try? Model(onnx: model).run(input)) != nil { survived += 1 }
        }
        #expect(survived < 150)
    }

    @Test(
        "a damaged picture is refused or classified, and never crashes",
        arguments: [
            "rgb.jpg", "progressive.jpg", "rgb.png", "palette.png", "picture.webp", "lossless.webp",
            "orientation-6.jpg",
        ])
    func pictures(name: String) throws {
        let classifier = try ModelRegistry(folder: Repository.models).classifier("fish")
        let limits = ImageLimits(pixelsMax: 1_000_000)
        var refused = 0
        try mutate(try Repository.fixture(name), times: 400, seed: 4) { bytes in
            if (try? classifier.classify(bytes, limits: limits)) == nil { refused += 1 }
        }
        #expect(refused > 100)
    }

    /// Overwrites, inserts, removes or cuts off bytes, a few at a time.
    private func mutate(_ bytes: [UInt8], times: Int, seed: UInt64, _ body: ([UInt8]) throws -> Void) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<times {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) where !damaged.isEmpty {
                let at = Int.random(in: 0..<damaged.count, using: &random)
                switch Int.random(in: 0..<6, using: &random) {
                case 0: damaged[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 1: damaged[at] = UInt8.random(in: 0...255, using: &random)
                case 2: damaged[at] = [0, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
                case 3: damaged.insert(UInt8.random(in: 0...255, using: &random), at: at)
                case 4: damaged.remove(at: at)
                default: damaged.removeSubrange(at...)
                }
            }
            try body(damaged)
        }
    }
}
