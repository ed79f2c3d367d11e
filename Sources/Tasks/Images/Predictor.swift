public import Inference

/// Says what is in pictures: the model that answers, what was answered before, and what is counted.
///
/// Blocks while it computes, on the caller's thread alone.
public final class Predictor: Sendable {
    /// The most labels that an answer may be asked for.
    public static let topMax = 100

    /// An answer and whether it was remembered.
    public struct Prediction: Sendable {
        /// The answer, its `top` as long as it was asked for.
        public let answer: Classification
        /// Whether it was given before.
        public let cached: Bool
    }

    private let models: ModelRegistry
    private let model: String
    private let cache: PredictionCache
    private let metrics: PredictionMetrics

    /// Makes a predictor over one model of a registry.
    public init(
        models: ModelRegistry, model: String = "fish",
        cache: PredictionCache = PredictionCache(bytesMax: 0, lifetime: .zero),
        metrics: PredictionMetrics = PredictionMetrics()
    ) {
        self.models = models
        self.model = model
        self.cache = cache
        self.metrics = metrics
    }

    /// Loads and rehearses models, so that no task waits for it.
    /// - Parameter names: `name` for what answers now, or `name/version`.
    /// - Throws: What stands in the way of any of them.
    public func warmUp(_ names: [String]) throws(InferenceError) {
        for name in names {
            let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
            _ = try models.classifier(parts.first ?? "", version: parts.count > 1 ? parts[1] : nil)
        }
    }

    /// The versions that there are, oldest first.
    /// - Throws: `modelMissing` if there is none.
    public func versions() throws(InferenceError) -> [String] {
        try models.versions(of: model)
    }

    /// What a version's manifest says of it; nothing is loaded.
    /// - Throws: What the registry throws.
    public func description(of version: String) throws(InferenceError) -> ModelDescription {
        try models.description(of: model, version: version)
    }

    /// Classifies a picture's file.
    /// - Parameters:
    ///   - bytes: The file.
    ///   - version: The model's version, or "latest"; nil leaves it to the model's plan.
    ///   - key: Pictures of the same key get the same version where the plan splits; the picture itself if nil.
    ///   - topK: How many labels `top` holds, up to `topMax`.
    ///   - limits: How large the picture may be.
    /// - Throws: What the registry and the classifier throw.
    public func predict(
        _ bytes: [UInt8], version: String? = nil, key: String? = nil, topK: Int = 3, limits: ImageLimits = ImageLimits()
    ) throws(InferenceError) -> Prediction {
        try limits.check(bytes: bytes.count)
        let content = ContentHash(bytes)
        let classifier = try models.classifier(model, version: version, key: key ?? content.text)
        let place = PredictionCache.Key(content: content, model: model, version: classifier.modelVersion)
        if let known = cache.answer(for: place) {
            metrics.answered(known, by: classifier, cached: true)
            return Prediction(answer: known.keeping(topK), cached: true)
        }
        let answer = try classifier.classify(bytes, topK: Self.topMax, limits: limits)
        cache.keep(answer, for: place)
        metrics.answered(answer, by: classifier, cached: false)
        return Prediction(answer: answer.keeping(topK), cached: false)
    }
}
