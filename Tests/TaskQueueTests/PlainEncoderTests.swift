import Foundation
import TestSupport
import Testing

@testable import TaskQueue

@Suite("The quick way to write plain objects")
struct PlainEncoderTests {
    private enum Level: String, Codable, Hashable, CaseIterable { case low, high }

    private struct Form: Codable, Hashable {
        var whole: Int?
        var Capital: UInt64?
        var number: Double?
        var text: String?
        var flag: Bool?
        var level: Level?
        var id: TaskID?
        var short: Float?
        var link: URL?
        var list: [Int]?
        var inner: [String: Int]?
    }

    private static let foundation: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()

    @Test("writes what Foundation writes")
    func same() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        let texts = ["", "plain", "a/b", "fïsh", "\u{2028}", "\u{7F}", "say \"hi\"", "back\\slash", "line\nbreak", "🐟"]
        func maybe<Value>(_ value: @autoclosure () -> Value) -> Value? {
            Bool.random(using: &generator) ? value() : nil
        }
        for _ in 0..<20_000 {
            var form = Form()
            form.whole = maybe(Int(truncatingIfNeeded: generator.next()) >> Int.random(in: 0..<64, using: &generator))
            form.Capital = maybe(generator.next())
            form.number = maybe(Double(bitPattern: generator.next()))
            if form.number?.isFinite == false { form.number = Double(Int.random(in: -9...9, using: &generator)) / 4 }
            form.text = maybe(texts[Int.random(in: 0..<texts.count, using: &generator)])
            form.flag = maybe(true)
            form.level = maybe(.high)
            form.id = maybe(TaskID())
            guard let quick = PlainEncoder.encode(form) else { continue }
            let slow = try Self.foundation.encode(form)
            #expect(quick == Array(slow), "seed \(seed): \(String(decoding: slow, as: UTF8.self))")
        }
    }

    @Test("knows what is plain")
    func plain() {
        #expect(PlainEncoder.encode(Form()).map { String(decoding: $0, as: UTF8.self) } == "{}")
        let form = Form(whole: -1, number: 2.5, text: "x", flag: false, level: .low)
        let json = #"{"flag":false,"level":"low","number":2.5,"text":"x","whole":-1}"#
        #expect(PlainEncoder.encode(form).map { String(decoding: $0, as: UTF8.self) } == json)
    }

    @Test("leaves to Foundation what is not")
    func notPlain() {
        #expect(PlainEncoder.encode(Form(text: "\"")) == nil)
        #expect(PlainEncoder.encode(Form(number: .nan)) == nil)
        #expect(PlainEncoder.encode(Form(short: 0.1)) == nil)
        #expect(PlainEncoder.encode(Form(link: URL(string: "http://example.org"))) == nil)
        #expect(PlainEncoder.encode(Form(list: [1])) == nil)
        #expect(PlainEncoder.encode(Form(inner: ["a": 1])) == nil)
        #expect(PlainEncoder.encode([1, 2]) == nil)
        #expect(PlainEncoder.encode("text") == nil)
        #expect(PlainEncoder.encode(Date()) == nil)
    }
}
