/// Arithmetic on shapes that come from files, with a limit on everything.
enum Shape {
    /// The most elements one tensor may have (256 MiB of floats); it also bounds each dimension.
    static let elementsMax = 1 << 26
    /// The most dimensions a tensor may have.
    static let rankMax = 8

    /// The number of elements; throws when a dimension is negative or the whole is beyond the limits.
    static func count(_ shape: [Int], place: String) throws(InferenceError) -> Int {
        guard shape.count <= rankMax else { throw tooLarge("it has \(shape.count) dimensions", place) }
        var product = 1
        for dimension in shape {
            guard dimension >= 0, dimension <= elementsMax else {
                throw tooLarge("its shape is \(shape)", place)
            }
            // Both factors are at most 2^26, so this cannot overflow. A zero is left out: strides are computed from
            // the other dimensions, and they must stay bounded too.
            product *= max(dimension, 1)
            guard product <= elementsMax else { throw tooLarge("its shape is \(shape)", place) }
        }
        return shape.contains(0) ? 0 : product
    }

    /// The axis counted from the front, when it lies within a tensor of `rank` dimensions.
    static func axis(_ axis: Int, rank: Int, inclusive: Bool = false) -> Int? {
        let limit = inclusive ? rank : rank - 1
        guard axis >= -rank, axis <= limit else { return nil }
        return axis < 0 ? axis + rank : axis
    }

    /// The common shape of two operands under numpy's broadcasting, if there is one.
    static func broadcast(_ first: [Int], _ second: [Int]) -> [Int]? {
        let rank = max(first.count, second.count)
        var result = [Int]()
        for index in 0..<rank {
            let a = padded(first, rank)[index]
            let b = padded(second, rank)[index]
            guard a == b || a == 1 || b == 1 else { return nil }
            result.append(a == 1 ? b : a)
        }
        return result
    }

    /// Row-major strides of `shape` seen with the dimensions of `target`: zero where it is repeated.
    static func broadcastStrides(_ shape: [Int], in target: [Int]) -> [Int] {
        let padded = padded(shape, target.count)
        var strides = [Int](repeating: 0, count: target.count)
        var step = 1
        for index in target.indices.reversed() {
            strides[index] = padded[index] == 1 ? 0 : step
            step *= padded[index]
        }
        return strides
    }

    private static func padded(_ shape: [Int], _ rank: Int) -> [Int] {
        [Int](repeating: 1, count: rank - shape.count) + shape
    }

    private static func tooLarge(_ cause: String, _ place: String) -> InferenceError {
        InferenceError(
            .shapeMismatch, what: "A tensor's shape is not usable", place: place, cause: cause,
            remedy: "At most \(elementsMax) elements in \(rankMax) dimensions, none negative, are allowed")
    }
}
