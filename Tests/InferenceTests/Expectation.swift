import FoundationEssentials
import Inference
import Testing

/// What another implementation answered for a fixture, and the comparison with it.
struct Expectation: Decodable {
    let input: [Int]
    let shape: [Int]
    let values: [Float]

    static func named(_ name: String) throws -> Expectation {
        let data = Data(try Repository.fixture("expected.json"))
        return try #require(try JSONDecoder().decode([String: Expectation].self, from: data)[name])
    }

    /// The input every expectation was made with.
    static func tensor(_ shape: [Int]) throws -> Tensor {
        let values = (0..<shape.reduce(1, *)).map { Float($0 * 37 % 101) / 50 - 1 }
        return try Tensor(shape: shape, values: values)
    }

    func check(_ output: Tensor) {
        #expect(output.shape == shape)
        for (index, (actual, wanted)) in zip(output.values, values).enumerated()
        where !(abs(actual - wanted) <= 1e-4 + 1e-3 * abs(wanted)) {
            Issue.record("element \(index) is \(actual), expected \(wanted)")
            return
        }
    }
}
