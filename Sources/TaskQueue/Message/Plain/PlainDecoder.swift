#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Decodes a plain object.
struct PlainDecoder: Decoder {
    let object: PlainObject
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// Decodes what is plain; nil for everything else, errors among it.
    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) -> Value? {
        guard isPlain(type), let object = PlainObject(bytes) else { return nil }
        // An error says only that Foundation should look; it then finds the words for it.
        let value = try? Value(from: PlainDecoder(object: object))
        return object.isInDoubt ? nil : value
    }

    /// Whether Foundation decodes a type by the type's own code alone.
    static func isPlain(_ type: any Decodable.Type) -> Bool {
        type != URL.self && type != Data.self && type != Decimal.self && type != Date.self
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(PlainFields(object: object))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw object.doubt()
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        throw object.doubt()
    }
}

/// The fields of a plain object under a type's coding keys.
private struct PlainFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let object: PlainObject
    var codingPath: [any CodingKey] { [] }

    var allKeys: [Key] { object.fields.compactMap { Key(stringValue: object.text($0.name)) } }

    func contains(_ key: Key) -> Bool {
        object[key.stringValue] != nil
    }

    private func value(_ key: Key) throws -> PlainValue {
        guard let value = object[key.stringValue] else { throw object.doubt() }
        return PlainValue(object: object, value: value)
    }

    func decodeNil(forKey key: Key) throws -> Bool { try value(key).decodeNil() }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try value(key).decode(type) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try value(key).decode(type) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try value(key).decode(type) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try value(key).decode(type) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try value(key).integer(type) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try value(key).integer(type) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try value(key).integer(type) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try value(key).integer(type) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try value(key).integer(type) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try value(key).integer(type) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try value(key).integer(type) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try value(key).integer(type) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try value(key).integer(type) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try value(key).integer(type) }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try value(key).decode(type)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        throw object.doubt()
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw object.doubt() }
    func superDecoder() throws -> any Decoder { throw object.doubt() }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw object.doubt() }
}
