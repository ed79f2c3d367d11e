/// Whether inputs are what a model declares.
enum InputCheck {
    static func check(_ tensors: [Tensor], _ declared: [OnnxValueInfo]) throws(InferenceError) {
        guard tensors.count == declared.count else {
            throw InferenceError.shape(
                "\(tensors.count) inputs are given and the model declares \(declared.count)", at: "the model's inputs")
        }
        for (tensor, info) in zip(tensors, declared) {
            let place = "input \(info.name.excerpt)"
            if let type = info.type, type != tensor.type {
                throw InferenceError.shape("its type is \(tensor.type) and the model declares \(type)", at: place)
            }
            guard let shape = info.shape else { continue }
            let fits =
                shape.count == tensor.shape.count && zip(shape, tensor.shape).allSatisfy { $0 == nil || $0 == $1 }
            guard fits else {
                let text = shape.map { $0.map(String.init) ?? "any" }.joined(separator: " x ")
                throw InferenceError.shape("its shape is \(tensor.shape) and the model declares \(text)", at: place)
            }
        }
    }
}
