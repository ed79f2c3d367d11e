public import TaskQueue

/// Classifies pictures at once, by the same code as the task; the program that has models provides one.
public protocol Predictor: Sendable {
    /// Classifies one picture.
    /// - Parameters:
    ///   - image: A JPEG, PNG or WebP file.
    ///   - version: The model's version; nil for the one in force.
    ///   - topK: How many labels.
    /// - Returns: The same JSON as the task's result.
    /// - Throws: `PredictionError`.
    func predict(_ image: [UInt8], version: String?, topK: Int) async throws -> JSONValue

    /// What is known of every model version.
    func models() async throws -> [JSONValue]

    /// What is known of one version; nil if there is none.
    func model(_ version: String) async throws -> JSONValue?
}

/// Why a picture was not classified.
public struct PredictionError: Error, Sendable {
    /// Whose fault it is.
    public enum Cause: Sendable {
        /// The picture is none, damaged or too large.
        case badPicture
        /// No model has that version.
        case unknownModel
        /// The model failed.
        case broken
    }

    /// Whose fault it is.
    public let cause: Cause
    /// One sentence.
    public let detail: String

    /// Describes a failure.
    public init(_ cause: Cause, _ detail: String) {
        self.cause = cause
        self.detail = detail
    }
}
