/// A model with its labels and preprocessing: classifies pictures, from several threads at once.
public struct ImageClassifier: Sendable {
    private let network: Model
    private let manifest: ModelManifest

    /// The model's name.
    public var model: String { manifest.name }
    /// The model's version.
    public var modelVersion: String { manifest.version }
    /// The labels, in the order of the model's output.
    public var labels: [String] { manifest.labels }

    init(model: Model, manifest: ModelManifest) {
        network = model
        self.manifest = manifest
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
        let scores = try scores(of: image)
        let elapsed = ContinuousClock.now - start
        return Classification(
            label: scores[0].label, confidence: scores[0].confidence,
            top: Array(scores.prefix(max(topK, 1))), model: model, modelVersion: modelVersion,
            width: image.originalWidth, height: image.originalHeight, inferenceMilliseconds: elapsed / .milliseconds(1))
    }

    /// All labels with their probabilities, best first.
    private func scores(of image: RGBImage) throws(InferenceError) -> [ClassScore] {
        let output = try network.run(try manifest.preprocessing.tensor(of: image))
        guard output.values.count == labels.count, !labels.isEmpty, output.values.allSatisfy(\.isFinite) else {
            throw InferenceError(
                .modelCorrupt, what: "The model's answer cannot be used", place: "\(model)/\(modelVersion)",
                cause: "it is not one finite number for each label", remedy: "Fetch or train the model again")
        }
        let scores = zip(labels, output.values).map { ClassScore(label: $0, confidence: Double($1)) }
        return scores.sorted { $0.confidence > $1.confidence }
    }
}
