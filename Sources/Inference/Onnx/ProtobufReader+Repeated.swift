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

    mutating func doubles(_ wire: Wire, into values: inout [Float]) throws(InferenceError) {
        if wire == .bytes {
            values += try message().rawDoubles()
        } else {
            try expect(wire, .fixed64)
            values.append(Float(Double(bitPattern: try fixed64())))
        }
    }

    /// The whole message as little-endian 32-bit floats.
    func rawFloats() throws(InferenceError) -> [Float] {
        guard (end - position) % 4 == 0 else { throw corrupt("float data ends within a number") }
        return copied((end - position) / 4) { (bits: UInt32) in Float(bitPattern: UInt32(littleEndian: bits)) }
    }

    /// The whole message as little-endian 64-bit floats, rounded to 32 bits.
    func rawDoubles() throws(InferenceError) -> [Float] {
        guard (end - position) % 8 == 0 else { throw corrupt("double data ends within a number") }
        return copied((end - position) / 8) { (bits: UInt64) in
            Float(Double(bitPattern: UInt64(littleEndian: bits)))
        }
    }

    /// The whole message as little-endian 64-bit integers.
    func rawLongs() throws(InferenceError) -> [Int] {
        guard (end - position) % 8 == 0 else { throw corrupt("integer data ends within a number") }
        return copied((end - position) / 8) { (bits: Int64) in Int(Int64(littleEndian: bits)) }
    }

    /// The whole message as little-endian 32-bit integers.
    func rawInts() throws(InferenceError) -> [Int] {
        guard (end - position) % 4 == 0 else { throw corrupt("integer data ends within a number") }
        return copied((end - position) / 4) { (bits: Int32) in Int(Int32(littleEndian: bits)) }
    }

    private func copied<Stored: BitwiseCopyable, Value>(_ count: Int, _ convert: (Stored) -> Value) -> [Value] {
        bytes.withUnsafeBytes { raw in
            (0..<count).map { index in
                convert(
                    raw.loadUnaligned(fromByteOffset: position + index * MemoryLayout<Stored>.stride, as: Stored.self))
            }
        }
    }
}
