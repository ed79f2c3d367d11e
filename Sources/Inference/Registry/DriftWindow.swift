#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The last answers of a model against its reference; old ones fade.
///
/// A drift is the population stability index, the sum of (a - r) ln(a / r) over the shares a now and r in the
/// reference: below 0.1 nothing happened, above 0.25 the model sees something else than it was judged on (Siddiqi,
/// Credit Risk Scorecards, 2006).
public struct DriftWindow: Sendable {
    /// Answers before which nothing is said.
    public static let countMin = 100.0
    /// About how many answers are remembered.
    static let memory = 1000.0
    /// No share is taken for smaller, so that one rare answer is no infinite drift.
    private static let shareMin = 1e-3

    private let positions: [String: Int]
    private let expectedLabels: [Double]
    private let expectedConfidence: [Double]
    private var labels: [Double]
    private var confidence = [Double](repeating: 0, count: PredictionReference.confidenceBins)
    private var count = 0.0

    /// A window without answers.
    public init(_ reference: PredictionReference, labels known: [String]) {
        positions = Dictionary(zip(known, known.indices)) { first, _ in first }
        expectedLabels = known.map { reference.labels[$0] ?? 0 }
        expectedConfidence = reference.confidence
        labels = known.map { _ in 0 }
    }

    /// Adds an answer.
    public mutating func add(label: String, confidence value: Double) {
        let fading = 1 - 1 / Self.memory
        for index in labels.indices { labels[index] *= fading }
        for index in confidence.indices { confidence[index] *= fading }
        count = count * fading + 1
        if let position = positions[label] { labels[position] += 1 }
        confidence[PredictionReference.bin(value)] += 1
    }

    /// How far the labels have moved; nil before there are enough answers.
    public var labelDrift: Double? { drift(labels, expectedLabels) }
    /// How far the confidences have moved; nil before there are enough answers.
    public var confidenceDrift: Double? { drift(confidence, expectedConfidence) }

    private func drift(_ actual: [Double], _ expected: [Double]) -> Double? {
        guard count >= Self.countMin else { return nil }
        return zip(actual, expected).reduce(0) { sum, pair in
            let (a, r) = (max(pair.0 / count, Self.shareMin), max(pair.1, Self.shareMin))
            return sum + (a - r) * log(a / r)
        }
    }
}
