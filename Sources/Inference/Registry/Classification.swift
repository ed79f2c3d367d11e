/// What a classifier says about one picture.
public struct Classification: Sendable, Equatable, Codable {
    /// The most probable label.
    public let label: String
    /// Its probability, in 0...1.
    public let confidence: Double
    /// The most probable labels, best first.
    public let top: [ClassScore]
    /// The model's name.
    public let model: String
    /// The model's version.
    public let modelVersion: String
    /// Width of the picture, upright and before resizing, in pixels.
    public let width: Int
    /// Height of the picture, upright and before resizing, in pixels.
    public let height: Int
    /// Time from the bytes to the answer (decoding, resizing, inference), in milliseconds.
    public let inferenceMilliseconds: Double
}
