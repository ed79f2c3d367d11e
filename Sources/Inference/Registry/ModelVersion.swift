/// The order of version names: runs of digits count as numbers, so that v10 comes after v9.
enum ModelVersion {
    static func isOlder(_ first: String, _ second: String) -> Bool {
        let (a, b) = (parts(first), parts(second))
        for (left, right) in zip(a, b) where left != right {
            if let x = Int(left), let y = Int(right), x != y { return x < y }
            return left < right
        }
        return a.count != b.count ? a.count < b.count : first < second
    }

    private static func parts(_ version: String) -> [String] {
        var parts = [String]()
        var inNumber: Bool?
        for character in version {
            let isDigit = ("0"..."9").contains(character)
            if isDigit == inNumber, let last = parts.indices.last {
                parts[last].append(character)
            } else {
                parts.append(String(character))
                inNumber = isDigit
            }
        }
        return parts
    }
}
