/// A model that names what is in a picture.
public struct ImageClassifier: Sendable {
    /// What the model is and what its answers mean.
    public let manifest: ModelManifest
    private let model: Model

    init(manifest: ModelManifest, model: Model) {
        self.manifest = manifest
        self.model = model
    }

    /// Classifies a picture; blocks for as long as the arithmetic takes.
    /// - Parameters:
    ///   - bytes: A JPEG or PNG file.
    ///   - topK: How many of the best labels to return, at least 1.
    ///   - limits: How large the picture may be.
    /// - Throws: `InferenceError`.
    public func classify(
        _ bytes: [UInt8], topK: Int = 3, limits: ImageLimits = ImageLimits()
    ) throws(InferenceError) -> Classification {
        let start = ContinuousClock.now
        let size = PixelSize(width: manifest.preprocessing.width, height: manifest.preprocessing.height)
        let image = try ImageDecoder.decode(bytes, limits: limits, fitting: size)
        let output = try model.run(try manifest.tensor(of: image))
        guard output.values.count == manifest.labels.count else {
            throw InferenceError(
                .modelCorrupt,
                "model \(manifest.name)/\(manifest.version) gives \(output.values.count) numbers for "
                    + "\(manifest.labels.count) labels")
        }
        let ranked = zip(manifest.labels, output.values).map { ClassScore(label: $0, confidence: $1) }
            .sorted { $0.confidence > $1.confidence }
        guard let best = ranked.first, best.confidence.isFinite else {
            throw InferenceError(.modelCorrupt, "model \(manifest.name)/\(manifest.version) gave no finite answer")
        }
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return Classification(
            label: best.label, confidence: best.confidence, top: Array(ranked.prefix(max(topK, 1))),
            model: manifest.name, modelVersion: manifest.version, original: image.original,
            milliseconds: Double(seconds) * 1000 + Double(attoseconds) / 1e15)
    }
}

/// A label and how sure the model is of it.
public struct ClassScore: Hashable, Sendable, Codable {
    /// The label.
    public let label: String
    /// From 0 to 1.
    public let confidence: Float

    /// Makes a score.
    public init(label: String, confidence: Float) {
        self.label = label
        self.confidence = confidence
    }
}

/// What a picture was found to show.
public struct Classification: Hashable, Sendable {
    /// The most likely label.
    public let label: String
    /// How sure the model is, from 0 to 1.
    public let confidence: Float
    /// The most likely labels, best first.
    public let top: [ClassScore]
    /// The model's name.
    public let model: String
    /// The model's version.
    public let modelVersion: String
    /// The picture's size as its file says.
    public let original: PixelSize
    /// How long decoding, resizing and the model took together.
    public let milliseconds: Double
}
