/// Pad: values put around a tensor, or taken away where a pad is negative.
struct Padding: Operator {
    private enum Mode: String {
        case constant, reflect, edge, wrap
    }

    static let types = ["Pad"]

    private let mode: Mode
    /// The attributes of operator sets before 11, inputs since.
    private let pads: [Int]?
    private let value: Float

    static func prepare(_ node: NodeContext) throws(InferenceError) -> any Operator {
        let name = try node.string("mode", default: "constant")
        guard let mode = Mode(rawValue: name) else { throw node.unsupported("its mode is \(name.excerpt)") }
        return Padding(mode: mode, pads: try node.integers("pads"), value: try node.float("value", default: 0))
    }

    var arithmetic: Arithmetic { .anyElement }

    func run(_ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.rowMajor(0)
        let rank = input.shape.count
        guard let pads = try call.integers(1, unless: pads),
            let axes = Shape.axes(try call.integers(3) ?? Array(0..<rank), rank: rank), pads.count == 2 * axes.count,
            pads.allSatisfy({ abs($0.clamped) <= Shape.elementsMax })
        else { throw call.mismatch("its pads do not fit the shape \(input.shape)") }
        var sources = input.shape.map { Array(0..<$0) }
        for (index, axis) in axes.enumerated() {
            let size = input.shape[axis]
            let (before, after) = (pads[index], pads[index + axes.count])
            guard size + before + after >= 0, size + before + after <= Shape.elementsMax else {
                throw call.mismatch("its pads \(pads) do not fit the shape \(input.shape)")
            }
            sources[axis] = (0..<size + before + after).map { source($0 - before, size) }
        }
        let result = try call.output(sources.map(\.count), input.type)
        guard result.count > 0 else { return [result] }
        var fill = try Tensor(shape: [], values: [value]).converted(to: input.type)
        if let given = call.optional(2) {
            guard given.type == input.type, given.count == 1 else {
                throw call.mismatch("its value is of another type")
            }
            fill = given
        }
        switch input.type.size {
        case 1: copy(UInt8.self, sources, input, fill, result)
        case 2: copy(UInt16.self, sources, input, fill, result)
        case 4: copy(UInt32.self, sources, input, fill, result)
        default: copy(UInt64.self, sources, input, fill, result)
        }
        return [result]
    }

    /// The index within the input that an index of the result reads; -1 for the constant.
    private func source(_ index: Int, _ size: Int) -> Int {
        if index >= 0 && index < size { return index }
        guard size > 0 else { return -1 }
        switch mode {
        case .constant: return -1
        case .edge: return min(max(index, 0), size - 1)
        case .wrap: return (index % size + size) % size
        case .reflect:
            guard size > 1 else { return 0 }
            let period = 2 * (size - 1)
            let place = (index % period + period) % period
            return place < size ? place : period - place
        }
    }

    private func copy<T: Element>(_: T.Type, _ sources: [[Int]], _ input: Tensor, _ fill: Tensor, _ result: Tensor) {
        let strides = Layout.rowMajor.strides(input.shape)
        let value = fill.pointer(T.self).pointee
        var target = result.pointer(T.self)
        func line(_ axis: Int, _ from: UnsafeMutablePointer<T>?) {
            guard axis < sources.count else {
                target.pointee = from?.pointee ?? value
                target += 1
                return
            }
            for source in sources[axis] {
                line(axis + 1, source < 0 ? nil : from.map { $0 + source * strides[axis] })
            }
        }
        line(0, input.pointer(T.self))
    }
}

extension Int {
    /// Itself, but never the one value whose size is not a number.
    fileprivate var clamped: Int { self == .min ? .max : self }
}
