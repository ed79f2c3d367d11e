/// How a model answered when it was judged: what its answers in service are compared with.
public struct PredictionReference: Codable, Sendable, Equatable {
    /// How many bins divide the confidences from 0 to 1.
    public static let confidenceBins = 10

    /// The share of each label among the answers; labels that are left out were never answered.
    public let labels: [String: Double]
    /// The share of the answers whose confidence lies in each tenth, lowest first.
    public let confidence: [Double]

    /// A reference of the given shares.
    public init(labels: [String: Double], confidence: [Double]) {
        self.labels = labels
        self.confidence = confidence
    }

    /// The bin of a confidence; what lies outside 0 to 1 counts with the nearest.
    static func bin(_ confidence: Double) -> Int {
        let held = confidence > 0 ? min(confidence, 1) : 0
        return min(Int(held * Double(confidenceBins)), confidenceBins - 1)
    }

    /// The reason why these shares cannot be used, if there is one.
    func flaw(labels known: [String]) -> String? {
        guard Set(labels.keys).isSubset(of: known) else { return "it names a label that the model does not have" }
        guard confidence.count == Self.confidenceBins else {
            return "confidence must have \(Self.confidenceBins) shares"
        }
        for shares in [Array(labels.values), confidence] {
            let sum = shares.reduce(0, +)
            guard shares.allSatisfy({ $0.isFinite && $0 >= 0 }), abs(sum - 1) < 0.01 else {
                return "its shares must be numbers from zero up that add up to one"
            }
        }
        return nil
    }
}
