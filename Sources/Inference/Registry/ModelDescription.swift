/// What the manifest of a model's version says of it.
public struct ModelDescription: Equatable, Sendable {
    /// The model's name.
    public let model: String
    /// The version.
    public let version: String
    /// What it tells apart, in the order of its output; empty if the manifest can't be used.
    public let labels: [String]
    /// Why the manifest can't be used; nil if it can.
    public let flaw: InferenceError?
}
