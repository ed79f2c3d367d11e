/// Damages files; the seed makes what it does repeatable.
struct Mutator {
    var random: SeededGenerator

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    /// Overwrites, inserts, removes, repeats or cuts off bytes, one to three times.
    mutating func damage(_ bytes: [UInt8]) -> [UInt8] {
        var damaged = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) where !damaged.isEmpty {
            let at = Int.random(in: 0..<damaged.count, using: &random)
            switch Int.random(in: 0..<16, using: &random) {
            case 0..<4: damaged[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 4..<8: damaged[at] = UInt8.random(in: 0...255, using: &random)
            case 8..<11: damaged[at] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
            case 11: damaged.insert(UInt8.random(in: 0...255, using: &random), at: at)
            case 12: damaged.remove(at: at)
            case 13:
                // A number as long as they come: sizes, steps and axes far out of range.
                damaged.replaceSubrange(at...at, with: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F])
            case 14:
                let end = Int.random(in: at...min(at + 60, damaged.count), using: &random)
                damaged.insert(contentsOf: damaged[at..<end], at: at)
            default: damaged.removeSubrange(at...)
            }
        }
        return damaged
    }
}
