/// A dead letter as JSON.
public struct LetterView: Encodable, Sendable {
    private let id: TaskID
    private let task: String
    private let queue: String
    private let diedAt: Timestamp
    private let error: TaskFailure
    private var input: JSONValue?
    private var priority: Int?
    private var headers: [String: String]?
    private var undecodable: String?

    private enum CodingKeys: String, CodingKey {
        case id, task, queue, error, input, priority, headers, undecodable
        case diedAt = "died_at"
    }

    /// Shows a letter, and its message if that is asked for and can be decoded.
    public init(_ letter: DeadLetter, withMessage: Bool) {
        id = letter.id
        task = letter.task
        queue = letter.queue
        diedAt = letter.diedAt
        error = letter.failure
        guard withMessage else { return }
        do throws(MessageError) {
            let message = try MessageCodec.decode(letter.messageBytes)
            priority = message.priority.level
            headers = message.headers
            // A letter may be here because its input is no JSON.
            let text = JSONValue.text(String(decoding: message.payload, as: UTF8.self))
            input = (try? PayloadCodec.decode(JSONValue.self, from: message.payload)) ?? text
        } catch {
            undecodable = error.description
        }
    }
}
