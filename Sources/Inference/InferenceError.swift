/// Why a picture could not be classified or a model not be used; never quotes the bytes.
public struct InferenceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of trouble.
    public enum Code: String, Hashable, Sendable {
        /// The bytes are not of a picture format that is read here.
        case unsupportedFormat
        /// The picture has more bytes or pixels than allowed.
        case imageTooLarge
        /// The picture is cut short or damaged.
        case imageCorrupt
        /// No such model or version.
        case modelMissing
        /// The model or its manifest is cut short, damaged, or not what the manifest says.
        case modelCorrupt
        /// The model needs an operator that is not implemented.
        case unsupportedOperator
        /// A tensor has another shape than an operator can take.
        case shapeMismatch
    }

    /// What kind of trouble.
    public let code: Code
    /// What, where, why and what to do.
    public let message: String

    /// Describes a failure.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }

    /// Whether the picture is at fault, so that trying again can't help.
    public var isBadImage: Bool {
        code == .unsupportedFormat || code == .imageTooLarge || code == .imageCorrupt
    }
}
