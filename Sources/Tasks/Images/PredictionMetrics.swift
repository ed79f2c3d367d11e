public import Inference
public import Logging
import Metrics
import Synchronization

/// Counts what models answer, by version, and how far that is from how they answered when they were judged.
public final class PredictionMetrics: Sendable {
    private struct Version {
        var labels: [String: Counter] = [:]
        let decoding: Timer
        let preparing: Timer
        let inference: Timer
        var drift: DriftWindow?
        var untilGauge = 0

        init(_ dimensions: [(String, String)], _ classifier: ImageClassifier) {
            func timer(_ stage: String) -> Timer {
                Timer(label: "ml_prediction_duration_seconds", dimensions: dimensions + [("stage", stage)])
            }
            decoding = timer("decode")
            preparing = timer("prepare")
            inference = timer("infer")
            drift = classifier.reference.map { DriftWindow($0, labels: classifier.labels) }
        }
    }

    /// A model with more labels has its answers counted as one: a scraper keeps each series for ever.
    private static let labelsMax = 100
    private static let answersBetweenGauges = 20

    private let versions = Mutex<[String: Version]>([:])
    private let hits = Counter(label: "ml_prediction_cache_total", dimensions: [("result", "hit")])
    private let misses = Counter(label: "ml_prediction_cache_total", dimensions: [("result", "miss")])

    /// Counts through swift-metrics from now on.
    public init() {}

    func answered(_ answer: Classification, by classifier: ImageClassifier, cached: Bool) {
        (cached ? hits : misses).increment()
        let dimensions = [("model", answer.model), ("version", answer.modelVersion)]
        versions.withLock { versions in
            let key = "\(answer.model)/\(answer.modelVersion)"
            var version = versions.removeValue(forKey: key) ?? Version(dimensions, classifier)
            defer { versions[key] = version }
            let label = classifier.labels.count > Self.labelsMax ? "other" : answer.label
            let counter =
                version.labels[label]
                ?? Counter(label: "ml_predictions_total", dimensions: dimensions + [("label", label)])
            version.labels[label] = counter
            counter.increment()
            if !cached {
                version.decoding.record(duration: answer.stages.decoding)
                version.preparing.record(duration: answer.stages.preparing)
                version.inference.record(duration: answer.stages.inference)
            }
            version.drift?.add(label: answer.label, confidence: answer.confidence)
            version.untilGauge -= 1
            guard version.untilGauge <= 0, let drift = version.drift else { return }
            version.untilGauge = Self.answersBetweenGauges
            for (of, value) in [("labels", drift.labelDrift), ("confidence", drift.confidenceDrift)] {
                if let value { Gauge(label: "ml_model_drift", dimensions: dimensions + [("of", of)]).record(value) }
            }
        }
    }

    /// What a registry should tell of its models: counted and logged.
    public static func reporter(_ logger: Logger) -> @Sendable (ModelEvent) -> Void {
        { event in
            switch event {
            case .loaded(let model, let version, let bytes, let took):
                count(model, version, "loaded")
                logger.info(
                    "model loaded",
                    metadata: ["model": "\(model)/\(version)", "bytes": "\(bytes)", "took": "\(took)"])
            case .failed(let model, let version, let error):
                // A name that anyone may have made up is no label.
                if error.code != .modelMissing, error.code != .invalidArgument { count(model, version, "failed") }
                logger.error("model could not be loaded", metadata: ["error": "\(error)"])
            case .evicted(let model, let version):
                count(model, version, "evicted")
                logger.notice("model let go to keep within memory", metadata: ["model": "\(model)/\(version)"])
            case .planChanged(let model, let latest):
                logger.notice(
                    "another version answers", metadata: ["model": "\(model)", "latest": "\(latest ?? "none")"])
            case .planRefused(_, let error):
                logger.error("the serving plan is not followed", metadata: ["error": "\(error)"])
            }
        }
    }

    private static func count(_ model: String, _ version: String, _ result: String) {
        Counter(
            label: "ml_model_loads_total", dimensions: [("model", model), ("version", version), ("result", result)]
        ).increment()
    }
}
