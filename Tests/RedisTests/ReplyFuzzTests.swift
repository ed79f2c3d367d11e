import TestSupport
import Testing

@testable import Redis

@Suite("Hostile bytes")
struct ReplyFuzzTests {
    @Test("valid replies are read as they were written, in pieces of any size", arguments: 0..<20)
    func valid(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let reader = try #require(ReplyReader(limit: 1 << 20))
            let values = (0..<5).map { _ in RedisValue.random(depth: 5, &random) }
            let read = try reader.feed(values.flatMap(\.wire), inPieces: &random)
            #expect(read == values)
        }
    }

    @Test("spoiled replies are read or refused, never believed beyond the limit", arguments: 0..<20)
    func spoiled(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var refusals = 0
        for _ in 0..<500 {
            let reader = try #require(ReplyReader(limit: 4096))
            var bytes = (0..<3).flatMap { _ in RedisValue.random(depth: 4, &random).wire }
            for _ in 0..<Int.random(in: 1...4, using: &random) { bytes.spoil(&random) }
            do {
                let read = try reader.feed(bytes, inPieces: &random)
                #expect(read.count <= bytes.count)
            } catch let error as RedisError {
                #expect(error.code == .protocolViolation)
                refusals += 1
            }
        }
        #expect(refusals > 0)
    }

    @Test("noise is refused", arguments: 0..<20)
    func noise(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let reader = try #require(ReplyReader(limit: 4096))
            // A letter can't begin a reply; whatever follows is noise.
            let bytes = [UInt8(ascii: "x")] + (0..<64).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(throws: RedisError.self) { try reader.feed(bytes, inPieces: &random) }
        }
    }
}

extension ReplyReader {
    fileprivate func feed(_ bytes: [UInt8], inPieces random: inout SeededGenerator) throws -> [RedisValue] {
        var rest = bytes[...]
        var values: [RedisValue] = []
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...20, using: &random))
            rest = rest.dropFirst(piece.count)
            values += try replies(in: piece)
        }
        return values
    }
}

extension RedisValue {
    fileprivate static func random(depth: Int, _ random: inout SeededGenerator) -> RedisValue {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
        case 0: .null
        case 1: .integer(Int64.random(in: .min...Int64.max, using: &random))
        case 2: .simple("word")
        case 3: .error(RedisServerError("ERR words"))
        case 4:
            .bytes((0..<Int.random(in: 0...30, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
        default:
            .array((0..<Int.random(in: 0...4, using: &random)).map { _ in Self.random(depth: depth - 1, &random) })
        }
    }

    /// The value as a server would send it.
    fileprivate var wire: [UInt8] {
        switch self {
        case .null: Array("$-1\r\n".utf8)
        case .integer(let number): Array(":\(number)\r\n".utf8)
        case .simple(let text): Array("+\(text)\r\n".utf8)
        case .error(let error): Array("-\(error.message)\r\n".utf8)
        case .bytes(let bytes): Array("$\(bytes.count)\r\n".utf8) + bytes + [13, 10]
        case .array(let elements): Array("*\(elements.count)\r\n".utf8) + elements.flatMap(\.wire)
        }
    }
}

extension [UInt8] {
    /// Changes, drops, doubles or inserts a byte, most of all those that mean something.
    fileprivate mutating func spoil(_ random: inout SeededGenerator) {
        guard !isEmpty else { return }
        let place = Int.random(in: 0..<count, using: &random)
        let byte = Array("$*:+-0129\r\n".utf8).randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<5, using: &random) {
        case 0: self[place] = byte
        case 1: self[place] = UInt8.random(in: 0...255, using: &random)
        case 2: remove(at: place)
        case 3: insert(byte, at: place)
        default: insert(contentsOf: Array("*999999999\r\n$9999999999999999".utf8), at: place)
        }
    }
}
