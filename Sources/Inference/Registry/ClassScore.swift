/// A label and the probability the model gives it.
public struct ClassScore: Sendable, Equatable, Codable {
    /// The label.
    public let label: String
    /// The probability, in 0...1.
    public let confidence: Double

    /// A label with its probability.
    public init(label: String, confidence: Double) {
        self.label = label
        self.confidence = confidence
    }
}
