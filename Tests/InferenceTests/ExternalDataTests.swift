import FoundationEssentials
import Testing

@testable import Inference

/// Constants in a file of their own, as large models are exported.
@Suite("External data")
struct ExternalDataTests {
    /// A folder with a model that adds a constant of two floats, kept at byte 8 of `weights.bin`.
    private func folder(_ entries: [String: String]) throws -> String {
        let folder = "\(FileManager.default.temporaryDirectory.path)/inference-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let weights = try Tensor(shape: [4], values: [9, 9, 10, 20]).bytes
        try Data(weights).write(to: URL(filePath: "\(folder)/weights.bin"))
        var writer = OnnxWriter()
        writer.input("x", [2])
        writer.constant("k", [2], .float32, in: entries)
        writer.node("Add", ["x", "k"], ["y"])
        writer.output("y")
        try Data(writer.bytes).write(to: URL(filePath: "\(folder)/model.onnx"))
        return folder
    }

    @Test("a constant is read from the place of the file that the model names")
    func reads() throws {
        let folder = try folder(["location": "weights.bin", "offset": "8", "length": "8"])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let model = try Model(path: "\(folder)/model.onnx")
        #expect(try model.run(try Tensor(shape: [2], values: [1, 2])).values == [11, 22])
    }

    @Test(
        "a place that is not within the folder or the file is refused, naming the constant",
        arguments: [
            ["location": "../weights.bin"], ["location": "/etc/passwd"], ["location": "absent.bin"],
            ["location": "weights.bin", "offset": "12"], ["location": "weights.bin", "offset": "-8"],
            ["location": "weights.bin", "offset": "8", "length": "4"], [:],
            ["location": "weights.bin", "offset": "9223372036854775807"],
        ])
    func refuses(entries: [String: String]) throws {
        let folder = try folder(entries)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let error = #expect(throws: InferenceError.self) { try Model(path: "\(folder)/model.onnx") }
        #expect(error?.code == .modelCorrupt)
        #expect(error?.message.contains("\"k\"") == true)
    }

    @Test("a model that comes as bytes has no folder to look in")
    func bytes() throws {
        let folder = try folder(["location": "weights.bin", "offset": "8"])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bytes = try Repository.bytes("\(folder)/model.onnx")
        let error = #expect(throws: InferenceError.self) { try Model(onnx: bytes) }
        #expect(error?.message.contains("by path") == true)
    }

    @Test("a path that is no file is refused as missing")
    func missing() {
        for path in ["/nowhere/model.onnx", "/tmp", "/dev/null"] {
            let error = #expect(throws: InferenceError.self) { try Model(path: path) }
            #expect(error?.code == .modelMissing)
        }
    }
}
