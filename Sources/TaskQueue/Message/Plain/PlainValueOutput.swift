/// Takes the one value of a type that encodes as a single value, under the key where it belongs.
struct PlainValueOutput: SingleValueEncodingContainer, Encoder {
    let output: PlainOutput
    let key: any CodingKey
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func encodeNil() { output.add(key) { $0.append(text: "null") } }
    func encode(_ value: Bool) { output.add(key, value) }
    func encode(_ value: String) { output.add(key, value) }
    func encode(_ value: Double) { output.add(key, value) }
    func encode(_ value: Float) { output.doubt() }
    func encode(_ value: Int) { output.add(key, integer: value) }
    func encode(_ value: Int8) { output.add(key, integer: value) }
    func encode(_ value: Int16) { output.add(key, integer: value) }
    func encode(_ value: Int32) { output.add(key, integer: value) }
    func encode(_ value: Int64) { output.add(key, integer: value) }
    func encode(_ value: UInt) { output.add(key, integer: value) }
    func encode(_ value: UInt8) { output.add(key, integer: value) }
    func encode(_ value: UInt16) { output.add(key, integer: value) }
    func encode(_ value: UInt32) { output.add(key, integer: value) }
    func encode(_ value: UInt64) { output.add(key, integer: value) }

    func encode(_ value: some Encodable) throws {
        guard PlainEncoder.isPlain(value) else { return output.doubt() }
        try value.encode(to: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }
    func unkeyedContainer() -> any UnkeyedEncodingContainer { output.doubtfully.unkeyedContainer() }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        output.doubtfully.container(keyedBy: type)
    }
}
