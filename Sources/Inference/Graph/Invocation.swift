import CKernels

/// One run of one operator: its inputs, memory for its outputs, and its name for errors.
///
/// Whatever it hands out stays in memory until the operator has finished, so pointers into it are good that long.
final class Invocation {
    let inputs: [Tensor?]
    /// How many outputs somebody may want.
    let outputCount: Int
    let place: String
    private let workspace: Workspace?
    private var kept: [Storage] = []

    /// Without a workspace every piece of memory is one of its own, and may outlive the run.
    init(_ inputs: [Tensor?], outputCount: Int = 1, place: String, workspace: Workspace?) {
        self.inputs = inputs
        self.outputCount = outputCount
        self.place = place
        self.workspace = workspace
    }

    /// An input that the operator cannot do without.
    func input(_ position: Int) throws(InferenceError) -> Tensor {
        guard let tensor = optional(position) else { throw mismatch("its input \(position) is missing") }
        return tensor
    }

    /// An input that may be left out.
    func optional(_ position: Int) -> Tensor? { position < inputs.count ? inputs[position] : nil }

    /// An input with its elements in row-major order.
    func rowMajor(_ position: Int) throws(InferenceError) -> Tensor { try inRowMajor(try input(position)) }

    /// An input of 32-bit floats, in whatever order.
    func floats(_ position: Int) throws(InferenceError) -> Tensor {
        let tensor = try input(position)
        guard tensor.type == .float32 else { throw mismatch("its input \(position) is of type \(tensor.type)") }
        return tensor
    }

    /// An input of 32-bit floats with the channels innermost.
    func channelsLast(_ position: Int) throws(InferenceError) -> Tensor {
        try inChannelsLast(try floats(position))
    }

    /// The integers of a short input, such as a shape; nil where it is left out.
    ///
    /// `given` goes before it: what an attribute said in older operator sets.
    func integers(_ position: Int, unless given: [Int]? = nil) throws(InferenceError) -> [Int]? {
        if let given { return given }
        guard let tensor = optional(position) else { return nil }
        guard tensor.type.element.isInteger, tensor.count <= 1 << 20 else {
            throw mismatch("its input \(position) is no list of integers")
        }
        return tensor.elements(as: Int64.self).map { Int($0) }
    }

    /// The only element of an input; nil where it is left out.
    func scalar(_ position: Int) throws(InferenceError) -> Double? {
        guard let tensor = optional(position) else { return nil }
        guard tensor.count == 1 else { throw mismatch("its input \(position) is not one number") }
        return tensor.elements(as: Double.self)[0]
    }

    /// A tensor to be filled.
    func output(
        _ shape: [Int], _ type: ElementType = .float32, layout: Layout = .rowMajor
    ) throws(InferenceError) -> Tensor {
        let count = try Shape.count(shape, place: place)
        return Tensor(
            shape: shape, type: type, layout: layout, count: count, storage: try memory(count * type.size))
    }

    /// Memory for `count` values that only this run needs.
    func scratch<T: BitwiseCopyable>(_: T.Type, _ count: Int) throws(InferenceError) -> UnsafeMutablePointer<T> {
        guard count <= Shape.elementsMax * 8 else { throw mismatch("it would need too much memory") }
        return try memory(count * MemoryLayout<T>.stride).start.assumingMemoryBound(to: T.self)
    }

    /// The tensor with its elements in row-major order: itself or a copy.
    func inRowMajor(_ tensor: Tensor) throws(InferenceError) -> Tensor {
        guard tensor.layout == .channelsLast, tensor.shape.count > 2 else { return tensor }
        return try reordered(tensor, to: .rowMajor)
    }

    /// The tensor with its channels innermost: itself or a copy.
    func inChannelsLast(_ tensor: Tensor) throws(InferenceError) -> Tensor {
        guard tensor.layout == .rowMajor, tensor.shape.count > 2 else { return tensor }
        return try reordered(tensor, to: .channelsLast)
    }

    func mismatch(_ cause: String) -> InferenceError { InferenceError.shape(cause, at: place) }

    private func memory(_ byteCount: Int) throws(InferenceError) -> Storage {
        let storage = try workspace?.lend(byteCount, at: place) ?? Storage(byteCount: byteCount)
        kept.append(storage)
        return storage
    }

    private func reordered(_ tensor: Tensor, to layout: Layout) throws(InferenceError) -> Tensor {
        let copy = try output(tensor.shape, tensor.type, layout: layout)
        let channels = tensor.shape[1]
        let pixels = tensor.shape[2...].reduce(1, *)
        let (rows, columns) = layout == .rowMajor ? (pixels, channels) : (channels, pixels)
        if tensor.type == .float32 {
            for image in 0..<tensor.shape[0] {
                let start = image * channels * pixels
                Kernels.current.transpose(
                    tensor.pointer(Float.self) + start, columns, rows, columns, copy.pointer(Float.self) + start, rows)
            }
        } else {
            let strides = [rows * columns, 1, columns]
            StridedCopy(shape: [tensor.shape[0], columns, rows], strides: strides, elementSize: tensor.type.size)
                .run(from: tensor.storage.start, to: copy.storage.start)
        }
        return copy
    }
}
