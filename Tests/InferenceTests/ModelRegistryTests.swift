import FoundationEssentials
import Testing

@testable import Inference

@Suite("Model registry")
struct ModelRegistryTests {
    private let registry = ModelRegistry(folder: Repository.models)

    @Test("the newest version answers for latest and for no version")
    func latest() throws {
        #expect(try registry.classifier("fish").modelVersion == "v1")
        #expect(try registry.classifier("fish", version: "latest").modelVersion == "v1")
    }

    @Test("version numbers are compared as numbers")
    func order() {
        #expect(["v2", "v10", "v9", "v1"].sorted(by: ModelVersion.isOlder) == ["v1", "v2", "v9", "v10"])
        #expect(["1.10.0", "1.9.3", "1.9"].sorted(by: ModelVersion.isOlder) == ["1.9", "1.9.3", "1.10.0"])
    }

    @Test("a missing model and a missing version say so")
    func missing() {
        for (name, version) in [("whale", nil), ("whale", "v1"), ("fish", "v9")] {
            let error = #expect(throws: InferenceError.self) { try registry.classifier(name, version: version) }
            #expect(error?.code == .modelMissing)
        }
    }

    @Test("names that could leave the folder are refused", arguments: ["..", "../fish", "a/b", "", ".hidden", "a\0b"])
    func paths(name: String) {
        for (model, version) in [(name, "v1"), ("fish", name)] {
            let error = #expect(throws: InferenceError.self) { try registry.classifier(model, version: version) }
            #expect(error?.code == .invalidArgument)
        }
    }

    @Test("a model file that is not the published one is refused")
    func checksum() throws {
        try withCopy { folder in
            let path = "\(folder)/fish/v1/model.onnx"
            var bytes = try Repository.bytes(path)
            bytes[bytes.count / 2] ^= 1
            try Data(bytes).write(to: URL(filePath: path))
            let error = #expect(throws: InferenceError.self) { try ModelRegistry(folder: folder).classifier("fish") }
            #expect(error?.code == .modelCorrupt)
            #expect(error?.message.contains("SHA-256") == true)
        }
    }

    @Test(
        "a manifest that does not fit is refused",
        arguments: [
            ("\"labels\"", "\"lables\""), ("\"fish\"", "\"cat\""), ("\"NCHW\"", "\"CHWN\""), ("\"RGB\"", "\"CMY\""),
            ("64", "0"),
            ("0.25", "0"), ("\"empty\"", "\"trout\""), ("{", "["), ("\"stretch\"", "\"squeeze\""),
            ("\"tilapia\",", ""),
        ])
    func manifest(old: String, new: String) throws {
        try withCopy { folder in
            let path = "\(folder)/fish/v1/manifest.json"
            let text = String(decoding: try Repository.bytes(path), as: UTF8.self)
            try Data(text.replacing(old, with: new).utf8).write(to: URL(filePath: path))
            let error = #expect(throws: InferenceError.self) { try ModelRegistry(folder: folder).classifier("fish") }
            #expect(error?.code == .modelCorrupt)
        }
    }

    @Test("many callers at once get the same classifier")
    func concurrent() async throws {
        let registry = registry
        let labels = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<8 { group.addTask { try registry.classifier("fish").labels } }
            var all = Set<[String]>()
            for try await labels in group { all.insert(labels) }
            return all
        }
        #expect(labels == [["salmon", "trout", "seabass", "seabream", "tilapia", "empty"]])
    }

    private func withCopy(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/models-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: "\(folder)/fish/v1", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for file in ["model.onnx", "manifest.json"] {
            let data = Data(try Repository.bytes("\(Repository.models)/fish/v1/\(file)"))
            try data.write(to: URL(filePath: "\(folder)/fish/v1/\(file)"))
        }
        try body(folder)
    }
}
