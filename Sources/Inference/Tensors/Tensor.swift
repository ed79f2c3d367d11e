/// A dense array with a shape: an input, an output or a constant of a model.
public struct Tensor: Sendable {
    /// Sizes of the dimensions, outermost first; empty for a single number.
    public let shape: [Int]
    /// What the elements are.
    public let type: ElementType
    /// The number of elements: the product of `shape`.
    public let count: Int
    let layout: Layout
    let storage: Storage

    /// For operators: the storage holds what `Shape.count` allowed.
    init(shape: [Int], type: ElementType, layout: Layout = .rowMajor, count: Int, storage: Storage) {
        self.shape = shape
        self.type = type
        self.layout = layout
        self.count = count
        self.storage = storage
    }

    /// A tensor of 32-bit floats, row by row; throws `shapeMismatch` when they are not as many as the shape says.
    public init(shape: [Int], values: [Float]) throws(InferenceError) {
        self = try Tensor(shape: shape, elements: values)
    }

    /// A tensor from the bytes of its elements, row by row, little-endian as on all platforms of Swift.
    ///
    /// Throws `shapeMismatch` when they are not as many as the shape and the type say.
    public init(shape: [Int], type: ElementType, bytes: [UInt8]) throws(InferenceError) {
        self = try bytes.withUnsafeBytes { bytes in
            Result { () throws(InferenceError) -> Tensor in try Tensor(shape: shape, type: type, copying: bytes) }
        }.get()
    }

    init<T: Element>(shape: [Int], elements: [T]) throws(InferenceError) {
        self = try elements.withUnsafeBytes { bytes in
            Result { () throws(InferenceError) -> Tensor in try Tensor(shape: shape, type: T.type, copying: bytes) }
        }.get()
    }

    init(shape: [Int], type: ElementType, copying bytes: UnsafeRawBufferPointer) throws(InferenceError) {
        let count = try Shape.count(shape, place: "a tensor")
        guard count * type.size == bytes.count else {
            throw InferenceError(
                .shapeMismatch, what: "The tensor cannot be made", place: "shape \(shape) of \(type)",
                cause: "it needs \(count) values and \(bytes.count / type.size) were given",
                remedy: "Give one value per element")
        }
        let storage = Storage(byteCount: bytes.count)
        if let start = bytes.baseAddress { storage.start.copyMemory(from: start, byteCount: bytes.count) }
        self.init(shape: shape, type: type, count: count, storage: storage)
    }

    /// The elements as 32-bit floats, row by row, whatever their type; a copy.
    public var values: [Float] { elements(as: Float.self) }

    /// The bytes of the elements, row by row, little-endian; a copy.
    public var bytes: [UInt8] {
        let tensor = inRowMajor()
        return withExtendedLifetime(tensor.storage) {
            Array(UnsafeRawBufferPointer(start: tensor.storage.start, count: count * type.size))
        }
    }
}

extension Tensor: Equatable {
    /// Whether shapes, types and all elements are the same.
    public static func == (first: Tensor, second: Tensor) -> Bool {
        first.shape == second.shape && first.type == second.type && first.bytes == second.bytes
    }
}
