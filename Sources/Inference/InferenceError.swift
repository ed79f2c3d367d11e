/// What went wrong while reading a picture or running a model, said so that somebody can act on it.
///
/// The text never holds bytes of a picture.
public struct InferenceError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure, to decide on.
    public enum Code: String, Sendable {
        /// The bytes are no JPEG, PNG or WebP, or of a kind that is not read.
        case unsupportedFormat
        /// The picture exceeds a limit on bytes or pixels.
        case imageTooLarge
        /// The picture is truncated or damaged.
        case imageCorrupt
        /// No model of that name and version is in the folder.
        case modelMissing
        /// The model file or its manifest is damaged, inconsistent, or not the file that was published.
        case modelCorrupt
        /// The model is larger than the memory that all models may have.
        case modelTooLarge
        /// The model uses an operator, or a form of one, that is not implemented.
        case unsupportedOperator
        /// A tensor's shape does not fit what the model or an operator expects.
        case shapeMismatch
        /// An argument of the caller is not allowed.
        case invalidArgument
    }

    /// The kind of failure.
    public let code: Code
    /// What happened.
    public let what: String
    /// Where: the model, node, file or part of the picture.
    public let place: String
    /// Why it happened.
    public let cause: String
    /// What to do about it.
    public let remedy: String

    /// Describes a failure by its four parts.
    public init(_ code: Code, what: String, place: String, cause: String, remedy: String) {
        self.code = code
        self.what = what
        self.place = place
        self.cause = cause
        self.remedy = remedy
    }

    /// The four parts as one text.
    public var message: String { "\(what) (\(place)): \(cause). \(remedy)." }

    /// The code and the message.
    public var description: String { "\(code.rawValue): \(message)" }
}
