/// Arithmetic on two tensors, the smaller one broadcast as NumPy does.
enum Elementwise: Operator {
    case add
    case multiply

    func run(_ inputs: [Tensor]) throws(InferenceError) -> Tensor {
        let left = try inputs.tensor(0, of: "arithmetic")
        let right = try inputs.tensor(1, of: "arithmetic")
        if left.shape == right.shape { return combine(left, right.values) }
        let shape = try Self.broadcast(left.shape, right.shape)
        return combine(try Self.spread(left, shape), try Self.spread(right, shape).values)
    }

    private func combine(_ left: Tensor, _ right: [Float]) -> Tensor {
        var result = left
        switch self {
        case .add: for index in right.indices { result.values[index] += right[index] }
        case .multiply: for index in right.indices { result.values[index] *= right[index] }
        }
        return result
    }

    private static func broadcast(_ left: [Int], _ right: [Int]) throws(InferenceError) -> [Int] {
        let rank = max(left.count, right.count)
        let a = [Int](repeating: 1, count: rank - left.count) + left
        let b = [Int](repeating: 1, count: rank - right.count) + right
        var shape: [Int] = []
        for (x, y) in zip(a, b) {
            guard x == y || x == 1 || y == 1 else {
                throw InferenceError(.shapeMismatch, "\(left) and \(right) can't be broadcast")
            }
            shape.append(x == 1 ? y : x)
        }
        return shape
    }

    private static func spread(_ tensor: Tensor, _ shape: [Int]) throws(InferenceError) -> Tensor {
        if tensor.shape == shape { return tensor }
        var result = try Tensor(shape: shape)
        let own = [Int](repeating: 1, count: shape.count - tensor.shape.count) + tensor.shape
        for index in result.values.indices {
            var (rest, place, step) = (index, 0, 1)
            for axis in shape.indices.reversed() {
                if own[axis] > 1 { place += rest % shape[axis] * step }
                rest /= shape[axis]
                step *= own[axis]
            }
            result.values[index] = tensor.values[place]
        }
        return result
    }
}
