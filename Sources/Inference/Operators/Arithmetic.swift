/// Add, Sub, Mul and Div of two tensors under broadcasting.
struct Arithmetic: Operator {
    private enum Kind: String, CaseIterable {
        case add = "Add"
        case subtract = "Sub"
        case multiply = "Mul"
        case divide = "Div"

        @inline(__always)
        func apply(_ first: Float, _ second: Float) -> Float {
            switch self {
            case .add: first + second
            case .subtract: first - second
            case .multiply: first * second
            case .divide: first / second
            }
        }
    }

    static let types = Kind.allCases.map(\.rawValue)

    private let kind: Kind
    private let place: String
    private var clamp = Clamp.none

    static func prepare(_ node: NodeContext) throws(InferenceError) -> PreparedNode {
        guard let kind = Kind(rawValue: node.node.type) else { throw node.unsupported("it is no arithmetic") }
        // Before operator set 7 the second operand was aligned by an attribute.
        guard node.opset >= 7 else { throw node.unsupported("operator set \(node.opset) is older than 7") }
        let kernel = Arithmetic(kind: kind, place: node.place)
        return PreparedNode(kernel: kernel, reads: [try node.input(0), try node.input(1)])
    }

    private init(kind: Kind, place: String) {
        self.kind = kind
        self.place = place
    }

    func fusing(_ clamp: Clamp) -> (any Operator)? {
        var copy = self
        copy.clamp = self.clamp.then(clamp)
        return copy
    }

    func run(_ inputs: [Tensor]) throws(InferenceError) -> [Tensor] {
        let (first, second) = (inputs[0], inputs[1])
        guard let shape = Shape.broadcast(first.shape, second.shape) else {
            throw InferenceError.shape("shapes \(first.shape) and \(second.shape) do not go together", at: place)
        }
        let count = try Shape.count(shape, place: place)
        let values = [Float](unsafeUninitializedCapacity: count) { output, initialized in
            first.values.withUnsafeBufferPointer { a in
                second.values.withUnsafeBufferPointer { b in
                    if let start = output.baseAddress, let a = a.baseAddress, let b = b.baseAddress, count > 0 {
                        compute(shape, (a, first.shape), (b, second.shape), start, count)
                    }
                }
            }
            initialized = count
        }
        return [Tensor(unchecked: shape, values)]
    }

    private func compute(
        _ shape: [Int], _ first: (start: UnsafePointer<Float>, shape: [Int]),
        _ second: (start: UnsafePointer<Float>, shape: [Int]), _ output: UnsafeMutablePointer<Float>, _ count: Int
    ) {
        if first.shape == second.shape {
            line(first.start, 1, second.start, 1, output, count)
            return
        }
        let strides = (
            Shape.broadcastStrides(first.shape, in: shape), Shape.broadcastStrides(second.shape, in: shape)
        )
        let length = shape.last ?? 1
        var index = [Int](repeating: 0, count: shape.count)
        for start in Swift.stride(from: 0, to: count, by: max(length, 1)) {
            let (a, b) = (offset(index, strides.0), offset(index, strides.1))
            line(first.start + a, strides.0.last ?? 0, second.start + b, strides.1.last ?? 0, output + start, length)
            for axis in shape.indices.dropLast().reversed() {
                index[axis] += 1
                if index[axis] < shape[axis] { break }
                index[axis] = 0
            }
        }
    }

    private func offset(_ index: [Int], _ strides: [Int]) -> Int {
        zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }
    }

    private func line(
        _ a: UnsafePointer<Float>, _ strideA: Int, _ b: UnsafePointer<Float>, _ strideB: Int,
        _ output: UnsafeMutablePointer<Float>, _ count: Int
    ) {
        if strideA == 1, strideB == 1 {
            for index in 0..<count { output[index] = clamp.apply(kind.apply(a[index], b[index])) }
        } else {
            for index in 0..<count {
                output[index] = clamp.apply(kind.apply(a[index * strideA], b[index * strideB]))
            }
        }
    }
}
