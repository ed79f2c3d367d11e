#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A model with its labels and preprocessing: classifies pictures, from several threads at once.
public struct ImageClassifier: Sendable {
    private let network: Model
    private let manifest: ModelManifest
    /// About what the model keeps in memory.
    let byteCount: Int

    /// The model's name.
    public var model: String { manifest.name }
    /// The model's version.
    public var modelVersion: String { manifest.version }
    /// The labels, in the order of the model's output.
    public var labels: [String] { manifest.labels }

    /// How the model answered when it was judged; nil if its manifest does not say.
    public var reference: PredictionReference? { manifest.reference }

    init(model: Model, manifest: ModelManifest, byteCount: Int) {
        network = model
        self.manifest = manifest
        self.byteCount = byteCount
    }

    /// Decodes a picture and classifies it; blocks until it is done.
    ///
    /// `topK` is how many labels `top` holds, at least one. Throws `unsupportedFormat`, `imageTooLarge`,
    /// `imageCorrupt`, or `modelCorrupt` when the model's answer is not a number.
    public func classify(
        _ imageBytes: [UInt8], topK: Int = 3, limits: ImageLimits = ImageLimits()
    ) throws(InferenceError) -> Classification {
        let start = ContinuousClock.now
        let image = try ImageDecoder.decode(imageBytes, limits: limits, fitting: manifest.preprocessing.decodingSize)
        let decoded = ContinuousClock.now
        let input = try manifest.preprocessing.tensor(of: image)
        let prepared = ContinuousClock.now
        let scores = try scores(of: input)
        let end = ContinuousClock.now
        return Classification(
            label: scores[0].label, confidence: scores[0].confidence,
            top: Array(scores.prefix(max(topK, 1))), model: model, modelVersion: modelVersion,
            width: image.originalWidth, height: image.originalHeight,
            inferenceMilliseconds: (end - start) / .milliseconds(1),
            stages: .init(decoding: decoded - start, preparing: prepared - decoded, inference: end - prepared))
    }

    /// All labels with their probabilities, best first.
    private func scores(of input: Tensor) throws(InferenceError) -> [ClassScore] {
        let values = try network.run(input).values
        guard values.count == labels.count, !labels.isEmpty, values.allSatisfy(\.isFinite) else {
            throw InferenceError(
                .modelCorrupt, what: "The model's answer cannot be used", place: "\(model)/\(modelVersion)",
                cause: "it is not one finite number for each label", remedy: "Fetch or train the model again")
        }
        let scores = zip(labels, manifest.output == .logits ? Self.softmax(values) : values).map {
            ClassScore(label: $0, confidence: Double($1))
        }
        return scores.sorted { $0.confidence > $1.confidence }
    }

    private static func softmax(_ values: [Float]) -> [Float] {
        let largest = values.max() ?? 0
        let powers = values.map { exp($0 - largest) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }
}
