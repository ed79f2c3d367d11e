/// Arithmetic on shapes that come from files, with a limit on everything.
enum Shape {
    /// The most elements one tensor may have (512 MiB of floats); it also bounds each dimension.
    static let elementsMax = 1 << 27
    /// The most dimensions a tensor may have.
    static let rankMax = 8

    /// The number of elements; throws when a dimension is negative or the whole is beyond the limits.
    static func count(_ shape: [Int], place: @autoclosure () -> String) throws(InferenceError) -> Int {
        guard shape.count <= rankMax else { throw tooLarge("it has \(shape.count) dimensions", place()) }
        var product = 1
        for dimension in shape {
            guard dimension >= 0, dimension <= elementsMax else {
                throw tooLarge("its shape is \(shape)", place())
            }
            // Both factors are at most 2^27, so this cannot overflow. A zero is left out: strides are computed from
            // the other dimensions, and they must stay bounded too.
            product *= max(dimension, 1)
            guard product <= elementsMax else { throw tooLarge("its shape is \(shape)", place()) }
        }
        return shape.contains(0) ? 0 : product
    }

    /// The axis counted from the front, when it lies within a tensor of `rank` dimensions.
    static func axis(_ axis: Int, rank: Int, inclusive: Bool = false) -> Int? {
        let limit = inclusive ? rank : rank - 1
        guard axis >= -rank, axis <= limit else { return nil }
        return axis < 0 ? axis + rank : axis
    }

    /// The axes counted from the front, each named once; nil when one is not in the shape or named twice.
    static func axes(_ axes: [Int], rank: Int) -> [Int]? {
        guard axes.count <= rank else { return nil }
        let found = axes.compactMap { axis($0, rank: rank) }
        return Set(found).count == axes.count ? found : nil
    }

    /// The common shape of two operands under numpy's broadcasting, if there is one.
    static func broadcast(_ first: [Int], _ second: [Int]) -> [Int]? {
        let rank = max(first.count, second.count)
        var result = [Int]()
        for (a, b) in zip(padded(first, to: rank), padded(second, to: rank)) {
            guard a == b || a == 1 || b == 1 else { return nil }
            result.append(a == 1 ? b : a)
        }
        return result
    }

    /// The shape with ones in front, up to `rank` dimensions.
    static func padded(_ shape: [Int], to rank: Int) -> [Int] {
        [Int](repeating: 1, count: max(rank - shape.count, 0)) + shape
    }

    private static func tooLarge(_ cause: String, _ place: String) -> InferenceError {
        InferenceError(
            .shapeMismatch, what: "A tensor's shape is not usable", place: place, cause: cause,
            remedy: "At most \(elementsMax) elements in \(rankMax) dimensions, none negative, are allowed")
    }
}
