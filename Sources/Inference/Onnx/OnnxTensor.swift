/// A constant as a model file stores it; its elements are read when they are asked for, as most are read once.
struct OnnxTensor: Sendable {
    /// Where the elements are.
    enum Content: Sendable {
        /// Little-endian bytes within the model file.
        case bytes(ProtobufReader)
        /// Bytes of another file.
        case external(ExternalData)
        /// Already read.
        case tensor(Tensor)
    }

    var name = ""
    let shape: [Int]
    let type: ElementType
    let content: Content

    /// The number of elements.
    var count: Int { shape.reduce(1, *) }

    /// The tensor with its elements; throws `modelCorrupt` when an external file does not hold them.
    func tensor() throws(InferenceError) -> Tensor {
        switch content {
        case .tensor(let tensor): return tensor
        case .bytes(let reader):
            let storage = Storage(byteCount: reader.count)
            try reader.copy(to: storage.start)
            return Tensor(shape: shape, type: type, count: count, storage: storage)
        case .external(let data): return try data.tensor(shape: shape, type: type, place: "constant \(name.excerpt)")
        }
    }
}
