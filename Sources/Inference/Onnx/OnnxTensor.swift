/// A constant stored in a model file.
struct OnnxTensor: Sendable {
    /// The numbers: floating point for arithmetic, integers for shapes.
    enum Elements: Sendable {
        case floats([Float])
        case integers([Int])
    }

    let shape: [Int]
    let elements: Elements

    init(shape: [Int], elements: Elements) {
        self.shape = shape
        self.elements = elements
    }

    /// The floating-point tensor, if that is what it holds.
    var tensor: Tensor? {
        guard case .floats(let values) = elements else { return nil }
        return Tensor(unchecked: shape, values)
    }

    /// The integers, if that is what it holds.
    var integers: [Int]? {
        guard case .integers(let values) = elements else { return nil }
        return values
    }
}
