/// MaxPool and AveragePool in two dimensions.
struct Pooling: Operator {
    private enum Kind: String, CaseIterable {
        case greatest = "MaxPool"
        case average = "AveragePool"
    }

    static let types = Kind.allCases.map(\.rawValue)

    private let kind: Kind
    private let window: Window
    private let countsPadding: Bool
    private let place: String

    static func prepare(_ node: NodeContext) throws(InferenceError) -> PreparedNode {
        guard let kind = Kind(rawValue: node.node.type) else { throw node.unsupported("it is no pooling") }
        let kernel = Pooling(
            kind: kind, window: try Window(node),
            countsPadding: try node.integer("count_include_pad", default: 0) != 0, place: node.place)
        return PreparedNode(kernel: kernel, reads: [try node.input(0)])
    }

    func run(_ inputs: [Tensor]) throws(InferenceError) -> [Tensor] {
        let input = inputs[0]
        guard input.shape.count == 4 else {
            throw InferenceError.shape("its input has the shape \(input.shape), not four dimensions", at: place)
        }
        let (y, x) = try window.axes(over: Array(input.shape[2...]))
        let shape = [input.shape[0], input.shape[1], y.output, x.output]
        let count = try Shape.count(shape, place: place)
        try WorkLimit.check([max(count, y.output, x.output), y.kernel, x.kernel], at: place)
        let (planeIn, planeOut) = (y.input * x.input, y.output * x.output)
        let values = [Float](unsafeUninitializedCapacity: count) { output, initialized in
            output.initialize(repeating: kind == .greatest ? -.infinity : 0)
            input.values.withUnsafeBufferPointer { source in
                if let source = source.baseAddress, let target = output.baseAddress, count > 0 {
                    for plane in 0..<shape[0] * shape[1] {
                        gather(y, x, source + plane * planeIn, target + plane * planeOut)
                    }
                    if kind == .average { divide(y, x, target, planes: shape[0] * shape[1]) }
                }
            }
            initialized = count
        }
        return [Tensor(unchecked: shape, values)]
    }

    /// Takes each tap of the window in turn, over whole lines.
    private func gather(
        _ y: WindowAxis, _ x: WindowAxis, _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>
    ) {
        for tapY in 0..<y.kernel {
            for row in y.range(ofTap: tapY) {
                let from = source + y.index(row, tap: tapY) * x.input
                let line = target + row * x.output
                for tapX in 0..<x.kernel {
                    let inside = x.range(ofTap: tapX)
                    if kind == .greatest {
                        for position in inside {
                            line[position] = max(line[position], from[x.index(position, tap: tapX)])
                        }
                    } else {
                        for position in inside { line[position] += from[x.index(position, tap: tapX)] }
                    }
                }
            }
        }
    }

    private func divide(_ y: WindowAxis, _ x: WindowAxis, _ target: UnsafeMutablePointer<Float>, planes: Int) {
        let rows = y.counts(includingPadding: countsPadding)
        let columns = x.counts(includingPadding: countsPadding)
        for plane in 0..<planes {
            for row in 0..<y.output {
                let line = target + (plane * y.output + row) * x.output
                for column in 0..<x.output {
                    line[column] /= Float(max(rows[row] * columns[column], 1))
                }
            }
        }
    }
}
