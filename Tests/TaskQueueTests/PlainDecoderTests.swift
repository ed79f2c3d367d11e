import Foundation
import TestSupport
import Testing

@testable import TaskQueue

@Suite("The quick way to read plain objects")
struct PlainDecoderTests {
    private enum Level: String, Codable, Hashable { case low, high }

    private struct Form: Codable, Hashable {
        var whole: Int?
        var small: UInt8?
        var number: Double?
        var short: Float?
        var text: String?
        var flag: Bool?
        var level: Level?
        var link: URL?
        var when: Date?
        var data: Data?
        var exact: Decimal?
        var list: [Int]?
        var id: TaskID?
    }

    /// Keeps quiet about what it can't read, as lenient types do.
    private struct Lenient: Codable, Hashable {
        var whole: Int?
        var link: URL?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            whole = try? container.decode(Int.self, forKey: .whole)
            link = try? container.decode(URL.self, forKey: .link)
        }
    }

    private func expectSame<Value: Codable & Hashable>(_ type: Value.Type, _ json: [UInt8], seed: UInt64 = 0) {
        guard let quick = PlainDecoder.decode(type, from: json) else { return }
        let slow = try? JSONDecoder().decode(type, from: Data(json))
        #expect(quick == slow, "seed \(seed): \(String(decoding: json, as: UTF8.self))")
    }

    @Test(
        "reads what is plain",
        arguments: [
            #"{"whole":-42,"number":2.5e-3,"text":"fïsh","flag":true,"level":"high"}"#, "{}", " { } ",
            "\t{ \"whole\" : 7 ,\n\"text\":null}\r\n", #"{"number":1,"short":3,"small":255,"unknown":0.1}"#,
            #"{"whole":999999999999999999}"#, #"{"id":"0197f2a0-7c00-7000-8000-000000000001"}"#,
        ])
    func plain(json: String) throws {
        let quick = try #require(PlainDecoder.decode(Form.self, from: Array(json.utf8)))
        #expect(try JSONDecoder().decode(Form.self, from: Data(json.utf8)) == quick)
    }

    @Test(
        "leaves to Foundation what is not",
        arguments: [
            "", "[]", "null", "7", "{", "{}x", #"{"whole":1,}"#, #"{"whole":01}"#, #"{"whole":-0}"#, #"{"whole":1.0}"#,
            #"{"whole":1000000000000000000}"#, #"{"small":256}"#, #"{"number":1e999}"#, #"{"number":0.0}"#,
            #"{"number":.5}"#, #"{"number":1.}"#, #"{"number":+1}"#, #"{"short":0.1}"#, #"{"text":"a\nb"}"#,
            "{\"text\":\"a\nb\"}", #"{"text":"a"#, #"{"text":7}"#, #"{"flag":1}"#, #"{"level":"none"}"#,
            #"{"whole":1,"whole":2}"#, #"{"list":[1]}"#, #"{"list":{}}"#, #"{"link":"http://a"}"#, #"{"when":1}"#,
            #"{"data":"AA=="}"#, #"{"exact":1}"#, #"{whole:1}"#, #"{"whole" 1}"#, #"{"whole":tru}"#, #"{"flag":True}"#,
        ])
    func notPlain(json: String) {
        #expect(PlainDecoder.decode(Form.self, from: Array(json.utf8)) == nil)
        expectSame(Form.self, Array(json.utf8))
    }

    @Test("bytes that are no text make no object")
    func notUTF8() {
        #expect(
            PlainDecoder.decode(Form.self, from: Array(#"{"text":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)) == nil)
    }

    @Test("a type that swallows errors gets Foundation's answers")
    func lenient() throws {
        let json = Array(#"{"whole":5.0,"link":"http://example.org"}"#.utf8)
        let value = try PayloadCodec.decode(Lenient.self, from: json)
        #expect(value.whole == 5)
        #expect(value.link == URL(string: "http://example.org"))
    }

    @Test("never answers otherwise than Foundation, whatever is changed in an input")
    func changedInputs() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        let examples = [
            #"{"whole":-42,"number":2.5e-3,"text":"fïsh","flag":true,"level":"high","small":9,"short":2}"#,
            #"{"number":123456.789,"text":"","flag":false,"whole":0,"unknown":[1,{"a":null}]}"#,
        ]
        let marks = Array(#"{}[]:,"\/ -+.0123456789eEtrufalsn"#.utf8) + [0x00, 0x0A, 0x7F, 0x80, 0xC3, 0xFF]
        for _ in 0..<20_000 {
            var json = Array(examples[Int.random(in: 0..<examples.count, using: &generator)].utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<json.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: json[place] = marks[Int.random(in: 0..<marks.count, using: &generator)]
                case 1: json.insert(marks[Int.random(in: 0..<marks.count, using: &generator)], at: place)
                default: json.remove(at: place)
                }
            }
            expectSame(Form.self, json, seed: seed)
            expectSame(Lenient.self, json, seed: seed)
        }
    }
}
