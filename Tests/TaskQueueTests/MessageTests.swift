import TaskQueue
import TestSupport
import Testing

@Suite("Messages and ids")
struct MessageTests {
    private var sample: TaskMessage {
        var message = TaskMessage(
            id: TaskID(high: 0x0192_3456_789A_7BCD, low: 0x8123_4567_89AB_CDEF), task: "work", queue: "q",
            payload: Array("{}".utf8))
        message.priority = .highest
        message.notBefore = .after(.milliseconds(1500))
        message.headers = ["b": "2", "a": "1"]
        return message
    }

    @Test("a message has the bytes it had in version 1")
    func goldenBytes() {
        let expected: [UInt8] = [
            0x08, 0x01, 0x12, 0x10, 0x01, 0x92, 0x34, 0x56, 0x78, 0x9A, 0x7B, 0xCD, 0x81, 0x23, 0x45, 0x67, 0x89, 0xAB,
            0xCD, 0xEF, 0x1A, 0x04, 0x77, 0x6F, 0x72, 0x6B, 0x22, 0x01, 0x71, 0x2A, 0x02, 0x7B, 0x7D, 0x30, 0x09, 0x38,
            0xDC, 0x0B, 0x8A, 0x01, 0x06, 0x0A, 0x01, 0x61, 0x12, 0x01, 0x31, 0x8A, 0x01, 0x06, 0x0A, 0x01, 0x62, 0x12,
            0x01, 0x32,
        ]
        #expect(MessageCodec.encode(sample) == expected)
    }

    @Test("a message survives encoding")
    func roundTrip() throws {
        #expect(try MessageCodec.decode(MessageCodec.encode(sample)) == sample)
    }

    @Test("fields of a newer version survive a round trip")
    func unknownFields() throws {
        let newer = MessageCodec.encode(sample) + [0xFA, 0x07, 0x02, 0x68, 0x69]
        let decoded = try MessageCodec.decode(newer)
        #expect(decoded.unknownFields == [0xFA, 0x07, 0x02, 0x68, 0x69])
        #expect(MessageCodec.encode(decoded) == newer)
    }

    @Test("a newer format, a missing field and a cut message are told apart")
    func errors() {
        #expect(throws: MessageError.newerVersion(2)) { try MessageCodec.decode([0x08, 0x02]) }
        #expect(throws: MessageError.missing(field: "version")) { try MessageCodec.decode([]) }
        #expect(throws: MessageError.missing(field: "id")) { try MessageCodec.decode([0x08, 0x01]) }
        #expect(throws: MessageError.malformed(field: "id")) { try MessageCodec.decode([0x08, 0x01, 0x12, 0x01, 0]) }
        #expect(throws: MessageError.truncated) { try MessageCodec.decode([0x08, 0x01, 0x12, 0x10, 0x01]) }
    }

    @Test("no bytes at all can make the decoder trap", arguments: 0..<20)
    func hostileBytes(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var bytes = MessageCodec.encode(sample)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            let cut = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator)))
            // Whatever decodes must encode to something that decodes to the same.
            guard let message = try? MessageCodec.decode(cut) else { continue }
            #expect((try? MessageCodec.decode(MessageCodec.encode(message))) == message)
        }
    }

    @Test("ids are UUIDs of version 7 that increase")
    func ids() throws {
        let ids = (0..<10_000).map { _ in TaskID() }
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == ids.count)
        let text = try #require(ids.first?.description)
        #expect(text.count == 36)
        #expect(Array(text)[14] == "7")
        #expect("89ab".contains(Array(text)[19]))
        #expect(TaskID(text) == ids.first)
        #expect(TaskID(text.uppercased()) == ids.first)
    }

    @Test("what is not a UUID is no id", arguments: ["", "x", "0192345678907bcd81234567890abcdef000", "é"])
    func notIDs(_ text: String) {
        #expect(TaskID(text) == nil)
    }
}
