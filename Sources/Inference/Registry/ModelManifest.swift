import FoundationEssentials

/// What `manifest.json` says beside a model file.
struct ModelManifest: Codable, Sendable {
    /// The most labels a classifier may have.
    private static let labelsMax = 100_000

    let name: String
    let version: String
    let file: String
    let sha256: String
    let opset: Int
    let labels: [String]
    let preprocessing: Preprocessing
    /// What the network's output holds; probabilities if absent.
    let output: OutputKind?
    /// How the model answered when it was judged.
    let reference: PredictionReference?

    /// What a network's output holds.
    enum OutputKind: String, Codable, Sendable {
        case probabilities
        /// Numbers of which Softmax makes probabilities, as PyTorch's classifiers end.
        case logits
    }

    /// Reads and checks a manifest; throws `modelCorrupt` with the reason.
    static func parse(_ data: Data, name: String, version: String, place: String) throws(InferenceError) -> Self {
        let manifest: ModelManifest
        do {
            manifest = try JSONDecoder().decode(ModelManifest.self, from: data)
        } catch {
            throw corrupt("it is not JSON of the expected form: \(reason(error))", place)
        }
        guard manifest.name == name, manifest.version == version else {
            throw corrupt(
                "it describes \(manifest.name.excerpt) \(manifest.version.excerpt), not its own folder", place)
        }
        guard manifest.file == "model.onnx" else { throw corrupt("its file must be model.onnx", place) }
        guard manifest.sha256.utf8.count == 64, manifest.sha256.allSatisfy(\.isHexDigit) else {
            throw corrupt("its sha256 is not 64 hexadecimal digits", place)
        }
        guard !manifest.labels.isEmpty, manifest.labels.count <= labelsMax,
            Set(manifest.labels).count == manifest.labels.count
        else { throw corrupt("its labels must be 1...\(labelsMax) and differ", place) }
        if let flaw = manifest.reference?.flaw(labels: manifest.labels) { throw corrupt("reference: \(flaw)", place) }
        if let flaw = manifest.preprocessing.flaw { throw corrupt("preprocessing: \(flaw)", place) }
        return manifest
    }

    private static func reason(_ error: any Error) -> String {
        switch error as? DecodingError {
        case .keyNotFound(let key, _): "\(key.stringValue.excerpt) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            (context.codingPath.last?.stringValue.excerpt ?? "the text") + " is not as expected"
        default: "it cannot be decoded"
        }
    }

    private static func corrupt(_ cause: String, _ place: String) -> InferenceError {
        InferenceError(
            .modelCorrupt, what: "The model's manifest cannot be used", place: place, cause: cause,
            remedy: "Correct the manifest or fetch the model again")
    }
}
