import FoundationEssentials
import Testing

@testable import Inference

/// Damaged models of every operator, and pictures of every format: `FUZZ_EXECUTIONS` says how many are tried (`make fuzz`), a few thousand if absent.
@Suite("Fuzzing")
struct FuzzTests {
    private static let wanted =
        ProcessInfo.processInfo.environment["FUZZ_EXECUTIONS"].flatMap { Int($0) } ?? 4000
    private static let seed = ProcessInfo.processInfo.environment["FUZZ_SEED"].flatMap { UInt64($0) } ?? 1

    @Test("a model file with damaged bytes is refused or runs, and never crashes, hangs or grows without bound")
    func bytes() throws {
        var mutator = Mutator(seed: Self.seed)
        try fuzz("damaged files") { bytes, inputs in
            let model = try Model(onnx: mutator.damage(bytes))
            _ = try model.run(inputs)
        }
    }

    @Test("a graph with other attributes, constants, operators and wires is refused or runs, and never crashes")
    func graphs() throws {
        var mutator = GraphMutator(seed: Self.seed)
        try fuzz("changed graphs") { bytes, inputs in
            let graph = try mutator.change(try OnnxGraph.parse(ByteSource(bytes)))
            let inputs = try inputs.map { try mutator.change($0) }
            let workspace = Workspace()
            workspace.begin()
            _ = try GraphBuilder.build(graph).run(inputs, workspace)
        }
    }

    @Test("a picture with damaged bytes is refused or decoded, and never crashes, hangs or grows without bound")
    func pictures() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Repository.fixtures).sorted()
        let files = try names.filter { name in ["jpg", "png", "webp", "gif"].contains { name.hasSuffix(".\($0)") } }
            .map { (name: $0, bytes: try Repository.fixture($0)) }
        var mutator = Mutator(seed: Self.seed)
        let limits = ImageLimits(pixelsMax: 200_000)
        let size = ImageSize(width: 16, height: 16)
        var (decoded, slowest) = (0, (time: Duration.zero, name: ""))
        for execution in 0..<Self.wanted {
            let file = files[execution % files.count]
            let bytes = mutator.damage(file.bytes)
            let start = ContinuousClock.now
            do throws(InferenceError) {
                let image = try ImageDecoder.decode(bytes, limits: limits, fitting: execution % 3 == 0 ? nil : size)
                let rule: ResizeRule = execution.isMultiple(of: 2) ? .crop : .stretch
                let pixels = Resampler.resize(image, to: size, rule: rule, shorterSide: rule == .crop ? 20 : nil)
                #expect(pixels.count == 768 && pixels.allSatisfy { $0 >= -0.5 && $0 < 255.5 })
                decoded += 1
            } catch {
                #expect(!error.message.isEmpty)
            }
            let time = ContinuousClock.now - start
            if time > slowest.time { slowest = (time, file.name) }
        }
        print("\(Self.wanted) damaged pictures: \(decoded) decoded, the rest were refused; the slowest took \(slowest)")
        #expect(decoded > 0 && decoded < Self.wanted)
    }

    /// Tries changes of randomly picked cases of the onnx package's data, in which every operator occurs.
    private func fuzz(_ name: String, _ body: ([UInt8], [Tensor]) throws -> Void) throws {
        // The `light` networks are too large to be tried often; their operators occur in the others.
        let cases = try OnnxCase.all().filter { $0.leftOut == nil && $0.kind != "light" }
        var random = SeededGenerator(seed: Self.seed)
        var (executions, ran) = (0, 0)
        var slowest = (time: Duration.zero, name: "")
        while executions < Self.wanted {
            let sample = cases[Int.random(in: 0..<cases.count, using: &random)]
            let bytes = try Repository.bytes("\(OnnxCase.folder)/\(sample.name)/model.onnx")
            guard bytes.count < 20_000 else { continue }
            let inputs = try sample.tensors("input")
            for _ in 0..<20 {
                let start = ContinuousClock.now
                do {
                    try body(bytes, inputs)
                    ran += 1
                } catch {
                    #expect(error is InferenceError)
                }
                let time = ContinuousClock.now - start
                if time > slowest.time { slowest = (time, sample.name) }
                executions += 1
            }
        }
        print("\(executions) \(name): \(ran) ran, the rest were refused; the slowest took \(slowest)")
        #expect(ran > 0 && ran < executions)
    }
}
