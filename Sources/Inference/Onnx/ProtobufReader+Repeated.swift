/// Repeated numbers, which come packed or one by one.
extension ProtobufReader {
    mutating func integers(_ wire: Wire, into values: inout [Int]) throws(InferenceError) {
        if wire == .bytes {
            var packed = try message()
            while packed.position < packed.end {
                values.append(Int(truncatingIfNeeded: try packed.varint()))
            }
        } else {
            try expect(wire, .varint)
            values.append(Int(truncatingIfNeeded: try varint()))
        }
    }

    mutating func floats(_ wire: Wire, into values: inout [Float]) throws(InferenceError) {
        if wire == .bytes {
            values += try message().rawFloats()
        } else {
            try expect(wire, .fixed32)
            values.append(Float(bitPattern: try fixed32()))
        }
    }

    mutating func doubles(_ wire: Wire, into values: inout [Double]) throws(InferenceError) {
        if wire == .bytes {
            values += try message().rawDoubles()
        } else {
            try expect(wire, .fixed64)
            values.append(Double(bitPattern: try fixed64()))
        }
    }

    /// The whole message as little-endian 32-bit floats.
    private func rawFloats() throws(InferenceError) -> [Float] {
        guard count % 4 == 0 else { throw corrupt("float data ends within a number") }
        return try copied(count / 4) { (bits: UInt32) in Float(bitPattern: UInt32(littleEndian: bits)) }
    }

    /// The whole message as little-endian 64-bit floats.
    private func rawDoubles() throws(InferenceError) -> [Double] {
        guard count % 8 == 0 else { throw corrupt("double data ends within a number") }
        return try copied(count / 8) { (bits: UInt64) in Double(bitPattern: UInt64(littleEndian: bits)) }
    }

    private func copied<Stored: BitwiseCopyable, Value>(
        _ count: Int, _ convert: (Stored) -> Value
    ) throws(InferenceError) -> [Value] {
        try bytes().withUnsafeBytes { raw in
            (0..<count).map { index in
                convert(raw.loadUnaligned(fromByteOffset: index * MemoryLayout<Stored>.stride, as: Stored.self))
            }
        }
    }
}
