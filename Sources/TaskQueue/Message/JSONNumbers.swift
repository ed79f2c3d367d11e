/// Visits every number of a JSON text and names the first that no `Double` holds.
///
/// For explaining a failure only: the decoder reports a number that does not fit without saying where it stands.
struct JSONNumbers: Decodable {
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) {
            self.stringValue = stringValue
        }

        init?(intValue: Int) {
            nil
        }
    }

    init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Name.self) {
            for name in object.allKeys { _ = try object.decode(JSONNumbers.self, forKey: name) }
        } else if var array = try? decoder.unkeyedContainer() {
            while !array.isAtEnd { _ = try array.decode(JSONNumbers.self) }
        } else {
            let value = try decoder.singleValueContainer()
            let isKnown =
                value.decodeNil() || (try? value.decode(Bool.self)) != nil || (try? value.decode(String.self)) != nil
                || (try? value.decode(Double.self)) != nil
            guard isKnown else { throw PayloadError(at: decoder.codingPath, problem: "is a number out of range") }
        }
    }
}
