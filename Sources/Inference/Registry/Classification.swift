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
    /// That time by what it was spent on.
    public let stages: Stages

    /// The same with so many of the most probable labels, at least one.
    public func keeping(_ count: Int) -> Classification {
        Classification(
            label: label, confidence: confidence, top: Array(top.prefix(max(count, 1))), model: model,
            modelVersion: modelVersion, width: width, height: height, inferenceMilliseconds: inferenceMilliseconds,
            stages: stages)
    }

    /// Where the time of a classification went.
    public struct Stages: Sendable, Equatable, Codable {
        /// From the file's bytes to pixels.
        public let decoding: Duration
        /// Resizing and normalising.
        public let preparing: Duration
        /// The network.
        public let inference: Duration
    }
}
