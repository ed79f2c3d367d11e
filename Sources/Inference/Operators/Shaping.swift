/// Passes its input on (ONNX Identity, and Dropout, which only trains).
struct Identity: Operator {
    func run(_ inputs: [Tensor]) throws(InferenceError) -> Tensor {
        try inputs.tensor(0, of: "Identity")
    }
}

/// Makes a matrix of a tensor (ONNX Flatten).
struct Flatten: Operator {
    let axis: Int

    init(_ node: OnnxNode) {
        axis = node.integer("axis", default: 1)
    }

    func run(_ inputs: [Tensor]) throws(InferenceError) -> Tensor {
        let x = try inputs.tensor(0, of: "Flatten")
        let axis = axis < 0 ? axis + x.shape.count : axis
        guard (0...x.shape.count).contains(axis) else {
            throw InferenceError(.shapeMismatch, "axis \(self.axis) is not one of \(x.shape)")
        }
        return try x.reshaped([x.shape[..<axis].reduce(1, *), x.shape[axis...].reduce(1, *)])
    }
}

/// Gives a tensor another shape (ONNX Reshape: 0 keeps an extent, -1 takes the rest).
struct Reshape: Operator {
    func run(_ inputs: [Tensor]) throws(InferenceError) -> Tensor {
        let x = try inputs.tensor(0, of: "Reshape")
        let wanted = try inputs.tensor(1, of: "Reshape").values
        var shape: [Int] = []
        for (index, extent) in wanted.enumerated() {
            guard let extent = Int(exactly: extent), extent >= -1 else {
                throw InferenceError(.shapeMismatch, "a shape holds whole numbers, not \(extent)")
            }
            shape.append(extent == 0 && x.shape.indices.contains(index) ? x.shape[index] : extent)
        }
        if let open = shape.firstIndex(of: -1) {
            shape[open] = 1
            let known = try Tensor.count(shape)
            guard known > 0, x.values.count % known == 0 else {
                throw InferenceError(.shapeMismatch, "\(x.shape) can't become \(wanted)")
            }
            shape[open] = x.values.count / known
        }
        return try x.reshaped(shape)
    }
}

/// Joins tensors along an axis (ONNX Concat).
struct Concat: Operator {
    let axis: Int

    init(_ node: OnnxNode) {
        axis = node.integer("axis", default: 1)
    }

    func run(_ inputs: [Tensor]) throws(InferenceError) -> Tensor {
        let first = try inputs.tensor(0, of: "Concat")
        let axis = axis < 0 ? axis + first.shape.count : axis
        guard first.shape.indices.contains(axis) else {
            throw InferenceError(.shapeMismatch, "axis \(self.axis) is not one of \(first.shape)")
        }
        for input in inputs {
            var shape = input.shape
            if shape.indices.contains(axis) { shape[axis] = first.shape[axis] }
            guard shape == first.shape else {
                throw InferenceError(.shapeMismatch, "\(input.shape) can't be joined to \(first.shape) at axis \(axis)")
            }
        }
        var shape = first.shape
        shape[axis] = inputs.reduce(0) { $0 + $1.shape[axis] }
        let outer = shape[..<axis].reduce(1, *)
        let inner = shape[(axis + 1)...].reduce(1, *)
        var values: [Float] = []
        values.reserveCapacity(try Tensor.count(shape))
        for index in 0..<outer {
            for input in inputs {
                let length = input.shape[axis] * inner
                values += input.values[index * length..<(index + 1) * length]
            }
        }
        return try Tensor(shape: shape, values: values)
    }
}
