import FoundationEssentials
import Testing

@testable import Inference

/// One case of the onnx package's backend test data, as `scripts/onnx/cases.py` writes it.
struct OnnxCase: Decodable {
    let name: String
    let kind: String
    /// The rule that leaves it out; nil when it is in scope.
    let leftOut: String?

    /// Where the cases are: `make onnx-cases` puts them there.
    static let folder =
        ProcessInfo.processInfo.environment["ONNX_CASES"] ?? "\(Repository.root)/.onnx-cases"

    static func all() throws -> [OnnxCase] {
        let path = "\(folder)/cases.json"
        let data = try #require(
            FileManager.default.contents(atPath: path), "\(path) is missing: run `make onnx-cases` once")
        return try JSONDecoder().decode([OnnxCase].self, from: data)
    }

    /// What is wrong with the model's answers; nil when nothing is.
    func flaw() -> String? {
        do {
            let model = try Model(path: "\(OnnxCase.folder)/\(name)/model.onnx")
            let answers = try model.run(try tensors("input"))
            let expected = try tensors("output")
            guard answers.count == expected.count else { return "\(answers.count) outputs, not \(expected.count)" }
            return zip(answers, expected).lazy.compactMap { OnnxCase.difference($0, $1) }.first
        } catch {
            return "\(error)"
        }
    }

    /// The inputs or outputs, in order.
    func tensors(_ role: String) throws -> [Tensor] {
        var tensors = [Tensor]()
        while let data = FileManager.default.contents(
            atPath: "\(OnnxCase.folder)/\(name)/\(role)_\(tensors.count).pb")
        {
            tensors.append(try OnnxTensorParser.parse(ProtobufReader(ByteSource([UInt8](data))), folder: nil).tensor())
        }
        return tensors
    }

    /// The first difference beyond rtol 1e-3, atol 1e-4; integers must be the same.
    ///
    /// A 16-bit float may also be two units
    /// in its last place off: each operator of a chain rounds its result, and the data does not say in which order.
    private static func difference(_ actual: Tensor, _ expected: Tensor) -> String? {
        guard actual.shape == expected.shape, actual.type == expected.type else {
            return "\(actual.type) of shape \(actual.shape), not \(expected.type) of \(expected.shape)"
        }
        let isExact = !expected.type.isFloating
        let (got, wanted) = (actual.elements(as: Double.self), expected.elements(as: Double.self))
        let relative = expected.type == .bfloat16 ? 0x1p-6 : expected.type == .float16 ? 0x1p-9 : 0
        for (index, (a, b)) in zip(got, wanted).enumerated() where a != b && !(a.isNaN && b.isNaN) {
            let isNear = abs(a - b) <= 1e-4 + max(1e-3, relative) * abs(b)
            if isExact || !isNear { return "element \(index) is \(a), expected \(b)" }
        }
        return nil
    }
}
