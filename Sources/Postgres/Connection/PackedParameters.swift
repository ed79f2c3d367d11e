/// Parameters side by side in one buffer, as libpq wants them: addresses, lengths, formats.
struct PackedParameters {
    private var buffer: [UInt8] = []
    private var starts: [Int?] = []
    private var lengths: [Int32] = []

    init(_ parameters: [PostgresParameter]) {
        buffer.reserveCapacity(parameters.reduce(1) { $0 + ($1.bytes?.count ?? 0) })
        for parameter in parameters {
            starts.append(parameter.bytes == nil ? nil : buffer.count)
            lengths.append(Int32(clamping: parameter.bytes?.count ?? 0))
            if let bytes = parameter.bytes { buffer.append(contentsOf: bytes) }
        }
        // So that an empty value at the end has an address too.
        buffer.append(0)
    }

    func withPointers<Value>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Value
    ) -> Value {
        buffer.withUnsafeBytes { bytes in
            let values = starts.map { start in
                start.flatMap { bytes.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
            }
            return body(values, lengths, [Int32](repeating: 1, count: values.count))
        }
    }
}

/// Texts as an array of C strings that ends with a null.
struct CStrings {
    private var buffer: [CChar] = []
    private var starts: [Int] = []

    init(_ texts: [String]) {
        for text in texts {
            starts.append(buffer.count)
            buffer += Array(text.utf8CString)
        }
    }

    func withPointers<Value>(_ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value) -> Value {
        buffer.withUnsafeBufferPointer { characters in
            let pointers = starts.map { characters.baseAddress?.advanced(by: $0) } + [nil]
            return pointers.withUnsafeBufferPointer { pointers in
                // Never nil: there is at least the null.
                pointers.baseAddress.map(body) ?? withUnsafePointer(to: nil, body)
            }
        }
    }
}
