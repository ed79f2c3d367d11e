#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Encodes values that are plain objects, as `PlainDecoder` reads them, to the bytes that Foundation would write.
struct PlainEncoder: Encoder {
    let output: PlainOutput
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// Encodes what is plain; nil for everything else, errors among it.
    static func encode(_ value: some Encodable) -> [UInt8]? {
        guard isPlain(value) else { return nil }
        let output = PlainOutput()
        // An error says only that Foundation should look; it then finds the words for it.
        guard (try? value.encode(to: PlainEncoder(output: output))) != nil else { return nil }
        return output.object()
    }

    /// Whether Foundation encodes a value by its type's own code alone.
    static func isPlain<Value: Encodable>(_ value: Value) -> Bool {
        Value.self != URL.self && Value.self != Data.self && Value.self != Decimal.self && Value.self != Date.self
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        output.isObject = true
        return KeyedEncodingContainer(PlainFieldsOutput(output: output))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer { output.doubtfully.unkeyedContainer() }
    func singleValueContainer() -> any SingleValueEncodingContainer { output.doubtfully.singleValueContainer() }
}

/// Takes a plain object's fields under a type's coding keys.
private struct PlainFieldsOutput<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let output: PlainOutput
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) { output.add(key) { $0.append(text: "null") } }
    func encode(_ value: Bool, forKey key: Key) { output.add(key, value) }
    func encode(_ value: String, forKey key: Key) { output.add(key, value) }
    func encode(_ value: Double, forKey key: Key) { output.add(key, value) }
    func encode(_ value: Float, forKey key: Key) { output.doubt() }
    func encode(_ value: Int, forKey key: Key) { output.add(key, integer: value) }
    func encode(_ value: Int8, forKey key: Key) { output.add(key, integer: value) }
    func encode(_ value: Int16, forKey key: Key) { output.add(key, integer: value) }
    func encode(_ value: Int32, forKey key: Key) { output.add(key, integer: value) }
    func encode(_ value: Int64, forKey key: Key) { output.add(key, integer: value) }
    func encode(_ value: UInt, forKey key: Key) { output.add(key, integer: value) }
    func encode(_ value: UInt8, forKey key: Key) { output.add(key, integer: value) }
    func encode(_ value: UInt16, forKey key: Key) { output.add(key, integer: value) }
    func encode(_ value: UInt32, forKey key: Key) { output.add(key, integer: value) }
    func encode(_ value: UInt64, forKey key: Key) { output.add(key, integer: value) }

    func encode(_ value: some Encodable, forKey key: Key) throws {
        guard PlainEncoder.isPlain(value) else { return output.doubt() }
        let before = output.count
        try value.encode(to: PlainValueOutput(output: output, key: key))
        if output.count != before + 1 { output.doubt() }
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        output.doubtfully.container(keyedBy: keyType)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        output.doubtfully.unkeyedContainer()
    }

    func superEncoder() -> any Encoder { output.doubtfully }
    func superEncoder(forKey key: Key) -> any Encoder { output.doubtfully }
}
