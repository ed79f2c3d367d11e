#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Pooling in any number of dimensions, of any numbers, with the places of the greatest: one element after another.
struct GeneralPooling {
    let kind: PoolingKind
    let axes: [WindowAxis]
    let countsPadding: Bool
    let columnsFirst: Bool

    func run(_ input: Tensor, _ shape: [Int], _ call: Invocation) throws(InferenceError) -> [Tensor] {
        let input = try call.inRowMajor(input)
        let output = try call.output(shape, input.type)
        let indices = try call.output(call.outputCount > 1 ? shape : [0], .int64)
        guard output.count > 0 else { return [output, indices] }
        if input.type == .float32 {
            pool(Float.self, input, output, indices)
        } else if let number = input.type.number {
            pool(number, input, output, indices)
        } else {
            throw call.mismatch("its input is of type \(input.type)")
        }
        return [output, indices]
    }

    private func pool<T: Number>(_: T.Type, _ input: Tensor, _ output: Tensor, _ indices: Tensor) {
        let planeIn = axes.reduce(1) { $0 * $1.input }
        let planeOut = axes.reduce(1) { $0 * $1.output }
        let (from, to) = (input.pointer(T.self), output.pointer(T.self))
        let places = indices.count > 0 ? indices.pointer(Int64.self) : nil
        var position = [Int](repeating: 0, count: axes.count)
        for index in 0..<planeOut {
            let taps = taps(at: position)
            let divisor = zip(axes, position).reduce(1.0) { product, place in
                let (axis, at) = place
                return product
                    * Double(
                        (0..<axis.kernel).count { tap in
                            let index = axis.index(at, tap: tap)
                            return countsPadding
                                ? index < axis.input + axis.paddingAfter : index >= 0 && index < axis.input
                        })
            }
            for plane in 0..<output.count / planeOut {
                let (value, best) = pooled(from + plane * planeIn, taps, divisor)
                to[plane * planeOut + index] = value
                places?[plane * planeOut + index] = Int64(plane * planeIn + place(best))
            }
            for axis in axes.indices.reversed() {
                position[axis] += 1
                if position[axis] < axes[axis].output { break }
                position[axis] = 0
            }
        }
    }

    /// Where in a plane of the input the taps are that fall inside it.
    private func taps(at position: [Int]) -> [Int] {
        var offsets = [0]
        for (axis, at) in zip(axes, position) {
            let inside = (0..<axis.kernel).map { axis.index(at, tap: $0) }.filter { $0 >= 0 && $0 < axis.input }
            offsets = offsets.flatMap { offset in inside.map { offset * axis.input + $0 } }
        }
        return offsets
    }

    private func pooled<T: Number>(
        _ plane: UnsafeMutablePointer<T>, _ taps: [Int], _ divisor: Double
    ) -> (value: T, place: Int) {
        switch kind {
        case .maximum:
            guard var best = taps.first else { return (T(nearest: -.infinity), 0) }
            for tap in taps where plane[tap] > plane[best] { best = tap }
            return (plane[best], best)
        case .average:
            return (T(nearest: taps.reduce(0) { $0 + plane[$1].double } / max(divisor, 1)), 0)
        case .norm(let power):
            return (T(nearest: pow(taps.reduce(0) { $0 + pow(abs(plane[$1].double), power) }, 1 / power)), 0)
        }
    }

    /// The place as indices count it.
    private func place(_ index: Int) -> Int {
        guard columnsFirst else { return index }
        var rest = index
        var coordinates = [Int]()
        for axis in axes.reversed() {
            coordinates.insert(rest % axis.input, at: 0)
            rest /= axis.input
        }
        return zip(axes, coordinates).reversed().reduce(0) { $0 * $1.0.input + $1.1 }
    }
}
