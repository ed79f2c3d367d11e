import FoundationEssentials

/// A folder of models, `<name>/<version>/{model.onnx,manifest.json}`, read with checks on every name and size.
struct ModelFolder: Sendable {
    private static let manifestBytesMax = 1 << 20
    private static let modelBytesMax = 1 << 29

    let path: String

    /// The versions of a model that have a manifest, and its serving plan.
    func entry(of name: String) throws(InferenceError) -> ModelCatalog.Entry {
        try check(name, as: "name")
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(name)")) ?? []
        let versions = entries.filter { version in
            isComponent(version)
                && FileManager.default.fileExists(atPath: "\(path)/\(name)/\(version)/manifest.json")
        }
        guard !versions.isEmpty else { throw missing(name) }
        let plan = "\(path)/\(name)/serving.json"
        guard FileManager.default.fileExists(atPath: plan) else {
            return .init(versions: versions.sorted(by: ModelVersion.isOlder), plan: ServingPlan())
        }
        let place = "\(name)/serving.json"
        let data = try read(plan, place, bytesMax: Self.manifestBytesMax)
        return .init(
            versions: versions.sorted(by: ModelVersion.isOlder),
            plan: try ServingPlan.parse(data, versions: versions, place: place))
    }

    /// Says that a model has no version.
    func missing(_ name: String) -> InferenceError {
        missing(name, version: "latest", cause: "the folder holds no version of it")
    }

    /// The bytes of a version's manifest.
    func manifest(_ name: String, _ version: String) throws(InferenceError) -> Data {
        try check(name, as: "name")
        try check(version, as: "version")
        return try read("manifest.json", name, version, bytesMax: Self.manifestBytesMax)
    }

    /// The bytes of a version's model file.
    func model(_ name: String, _ version: String) throws(InferenceError) -> Data {
        try check(name, as: "name")
        try check(version, as: "version")
        return try read("model.onnx", name, version, bytesMax: Self.modelBytesMax)
    }

    private func read(
        _ file: String, _ name: String, _ version: String, bytesMax: Int
    ) throws(InferenceError) -> Data {
        let full = "\(path)/\(name)/\(version)/\(file)"
        guard FileManager.default.fileExists(atPath: full) else {
            throw missing(name, version: version, cause: "\(file) is not there")
        }
        return try read(full, "\(name)/\(version)/\(file)", bytesMax: bytesMax)
    }

    private func read(_ full: String, _ place: String, bytesMax: Int) throws(InferenceError) -> Data {
        let attributes = try? FileManager.default.attributesOfItem(atPath: full)
        let size = (attributes?[.size] as? UInt64).map(Int.init(clamping:)) ?? 0
        guard size <= bytesMax, let data = FileManager.default.contents(atPath: full) else {
            throw InferenceError(
                .modelCorrupt, what: "The model cannot be read", place: place,
                cause: size > bytesMax ? "it has \(size) bytes and at most \(bytesMax) are read" : "reading it failed",
                remedy: "Check the file and its permissions")
        }
        return data
    }

    private func check(_ component: String, as part: String) throws(InferenceError) {
        guard isComponent(component) else {
            throw InferenceError(
                .invalidArgument, what: "The model's \(part) is not allowed", place: component.excerpt,
                cause: "only letters, digits, '.', '_' and '-' may occur, at most 64, with no dot in front",
                remedy: "Give the name of a folder of models")
        }
    }

    private func isComponent(_ text: String) -> Bool {
        let allowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return allowed && !text.isEmpty && text.utf8.count <= 64 && !text.hasPrefix(".")
    }

    private func missing(_ name: String, version: String, cause: String) -> InferenceError {
        InferenceError(
            .modelMissing, what: "The model is missing", place: "\(name)/\(version) in \(path.excerpt)", cause: cause,
            remedy: "Put model.onnx and manifest.json there, or name another model")
    }
}
