import ArgumentParser
import Assembly
import Foundation
import Inference

/// A model file and what it is run on.
struct ModelInputs: ParsableArguments {
    @Argument(help: "An ONNX file.") var file: String
    @Option(
        name: .customLong("input"),
        help: "A file of the input's raw values, little-endian, row by row; once for each input. Zeros if absent.")
    var inputs: [String] = []
    @Option(
        name: .customLong("shape"),
        help:
            "The input's dimensions, such as 1,3,224,224; once for each input. As declared, with 1 for any, if absent.")
    var shapes: [String] = []

    /// Reads the inputs that a model declares.
    func tensors(for model: Model) throws -> [Tensor] {
        try model.summary.inputs.enumerated().map { index, declared in
            let type = declared.type ?? .float32
            let shape = try shape(index, declared)
            guard index < inputs.count else {
                let count = shape.reduce(1) { $0.multipliedReportingOverflow(by: max($1, 0)).partialValue }
                guard count <= 1 << 27 else { throw ValidationError("an input of \(shape) is too large") }
                return try Tensor(shape: shape, type: type, bytes: [UInt8](repeating: 0, count: count * type.size))
            }
            guard let data = FileManager.default.contents(atPath: inputs[index]) else {
                throw FileMissing(path: inputs[index])
            }
            return try Tensor(shape: shape, type: type, bytes: [UInt8](data))
        }
    }

    private func shape(_ index: Int, _ declared: ModelSummary.Value) throws -> [Int] {
        guard index < shapes.count else {
            guard let shape = declared.shape else {
                throw ValidationError("the model declares no shape for \(declared.name); give --shape")
            }
            return shape.map { $0 ?? 1 }
        }
        let sizes = shapes[index].split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        guard sizes.allSatisfy({ $0.map { $0 >= 0 && $0 <= 1 << 27 } ?? false }) || shapes[index].isEmpty else {
            throw ValidationError("--shape \(shapes[index]) is no list of sizes, such as 1,3,224,224")
        }
        return sizes.compactMap(\.self)
    }
}
