/// One value of a plain object, for types that decode from a single value.
struct PlainValue: SingleValueDecodingContainer, Decoder {
    let object: PlainObject
    let value: PlainObject.Value
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func decodeNil() -> Bool {
        if case .null = value { true } else { false }
    }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard case .bool(let bool) = value else { throw object.doubt() }
        return bool
    }

    func decode(_ type: String.Type) throws -> String {
        guard case .string(let range) = value else { throw object.doubt() }
        return object.text(range)
    }

    /// The nearest number; none that is so small or large that one could argue about it.
    func decode(_ type: Double.Type) throws -> Double {
        switch value {
        case .integer(let integer):
            guard let number = Double(exactly: integer) else { throw object.doubt() }
            return number
        case .fraction(let range):
            guard let number = Double(object.text(range)), number.isNormal else { throw object.doubt() }
            return number
        default: throw object.doubt()
        }
    }

    func decode(_ type: Float.Type) throws -> Float {
        guard case .integer(let integer) = value, let number = Float(exactly: integer) else { throw object.doubt() }
        return number
    }

    func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) throws -> Integer {
        guard case .integer(let integer) = value, let number = Integer(exactly: integer) else { throw object.doubt() }
        return number
    }

    func decode(_ type: Int.Type) throws -> Int { try integer(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        guard PlainDecoder.isPlain(type) else { throw object.doubt() }
        return try Value(from: self)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }
    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw object.doubt() }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        throw object.doubt()
    }
}
