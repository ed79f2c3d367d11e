/// A 16-bit float (IEEE 754 binary16), as its bits: stored, never computed with.
///
/// Swift's own `Float16` is missing on Intel Macs.
struct Half: Element {
    static var type: ElementType { .float16 }
    static var isInteger: Bool { false }

    let bits: UInt16

    init(bits: UInt16) { self.bits = bits }

    init(nearest value: Double) {
        let single = Float(value).bitPattern
        let sign = UInt16(truncatingIfNeeded: single >> 16) & 0x8000
        let magnitude = single & 0x7FFF_FFFF
        if magnitude > 0x7F80_0000 {
            bits = sign | 0x7E00
        } else if magnitude >= 0x4780_0000 {
            bits = sign | 0x7C00
        } else if magnitude < 0x3880_0000 {
            // Below the least normal number: adding 0.5 makes the float's own rounding do the work.
            let shifted = Float(bitPattern: magnitude) + 0.5
            bits = sign | UInt16(truncatingIfNeeded: shifted.bitPattern &- Float(0.5).bitPattern)
        } else {
            let odd = (magnitude >> 13) & 1
            bits = sign | UInt16(truncatingIfNeeded: (magnitude &- 0x3800_0000 &+ 0xFFF &+ odd) >> 13)
        }
    }

    init(wrapping value: Int) { self.init(nearest: Double(value)) }

    var double: Double {
        let sign: Double = bits & 0x8000 == 0 ? 1 : -1
        let exponent = Int(bits >> 10) & 0x1F
        let fraction = Double(bits & 0x3FF)
        switch exponent {
        case 0: return sign * fraction * 0x1p-24
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return Double(sign: .plus, exponent: exponent - 25, significand: sign * (fraction + 1024))
        }
    }

    var integer: Int { double.integer }
}
