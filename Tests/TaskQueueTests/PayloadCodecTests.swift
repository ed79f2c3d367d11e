import TaskQueue
import Testing

@Suite("Reading and writing payloads")
struct PayloadCodecTests {
    private struct Form: Codable {
        var count = 1
        var readings: [Reading] = []
        struct Reading: Codable { var value: Double }
    }

    @Test(
        "what does not decode is told by its field, its content never quoted",
        arguments: [
            (#"{"readings":[]}"#, "field 'count' is missing"),
            (#"{"count":null,"readings":[]}"#, "field 'count' is null; expected a whole number"),
            (#"{"count":"secret","readings":[]}"#, "field 'count' is not a whole number"),
            (#"{"count":1,"readings":5}"#, "field 'readings' is not an array"),
            (#"{"count":1,"readings":[{"value":1},{}]}"#, "field 'readings[1].value' is missing"),
            (
                #"{"count":1,"readings":[{"value":1},{"value":1e999}]}"#,
                "field 'readings[1].value' is a number out of range"
            ),
            (#"{"count":1,"readings":[{"value":NaN}]}"#, "the input is not valid JSON"),
            (#"{"count":1,"readings":[{"value":Infinity}]}"#, "the input is not valid JSON"),
            (
                #"{"count":1.5,"readings":[]}"#,
                "the input holds a value that does not fit, such as a fraction where a whole number is expected"
            ),
            (
                #"{"count":99999999999999999999,"readings":[]}"#,
                "the input holds a value that does not fit, such as a fraction where a whole number is expected"
            ),
            (#"{"count":1,"#, "the input is not valid JSON"),
            ("", "the input is not valid JSON"), ("\u{0}", "the input is not valid JSON"),
        ])
    func badInput(_ json: String, _ sentence: String) {
        let error = #expect(throws: PayloadError.self) { try PayloadCodec.decode(Form.self, from: Array(json.utf8)) }
        #expect(error?.description == sentence)
    }

    @Test("nesting without end is refused and does not exhaust the stack")
    func nesting() {
        let json = String(repeating: #"{"a":["#, count: 100_000)
        #expect(throws: PayloadError.self) { try PayloadCodec.decode(Form.self, from: Array(json.utf8)) }
    }

    @Test("a value that JSON can't hold is told by its field", arguments: [Double.nan, .infinity, -.infinity])
    func badOutput(_ value: Double) {
        let form = Form(readings: [.init(value: 1), .init(value: value)])
        let error = #expect(throws: PayloadError.self) { try PayloadCodec.encode(form) }
        #expect(error?.field == "readings[1].value")
    }
}
