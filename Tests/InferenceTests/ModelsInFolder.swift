import FoundationEssentials
import Testing

@testable import Inference

/// A folder of models that a test may change: the shipped model under versions of its own.
struct ModelsInFolder: ~Copyable {
    let path: String

    init(versions: [String]) throws {
        path = FileManager.default.temporaryDirectory.path + "/models-\(UUID().uuidString)"
        for version in versions { try add(version) }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Adds a version; `damage` may change its files before the manifest appears.
    func add(_ version: String, damage: (inout [UInt8], inout String) -> Void = { _, _ in }) throws {
        let folder = "\(path)/fish/\(version)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var model = try Repository.bytes("\(Repository.models)/fish/v1/model.onnx")
        let text = try Repository.bytes("\(Repository.models)/fish/v1/manifest.json")
        var manifest = String(decoding: text, as: UTF8.self).replacing("\"v1\"", with: "\"\(version)\"")
        damage(&model, &manifest)
        try Data(model).write(to: URL(filePath: "\(folder)/model.onnx"))
        try Data(manifest.utf8).write(to: URL(filePath: "\(folder)/manifest.json"), options: .atomic)
    }

    /// Puts a serving plan in force, or removes it.
    func serve(_ plan: String?) throws {
        let file = "\(path)/fish/serving.json"
        guard let plan else { return try FileManager.default.removeItem(atPath: file) }
        try Data(plan.utf8).write(to: URL(filePath: file), options: .atomic)
    }
}
