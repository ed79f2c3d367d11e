/// A 16-bit float with the range of a 32-bit one (bfloat16), as its bits: stored, never computed with.
struct BrainHalf: Element {
    static var type: ElementType { .bfloat16 }
    static var isInteger: Bool { false }

    let bits: UInt16

    init(bits: UInt16) { self.bits = bits }

    init(nearest value: Double) {
        let single = Float(value)
        let odd = (single.bitPattern >> 16) & 1
        let rounded = single.isNaN ? 0x7FC0_0000 : single.bitPattern &+ 0x7FFF &+ odd
        bits = UInt16(truncatingIfNeeded: rounded >> 16)
    }

    init(wrapping value: Int) { self.init(nearest: Double(value)) }
    var double: Double { Double(Float(bitPattern: UInt32(bits) << 16)) }
    var integer: Int { double.integer }
}
