import Testing

@testable import Inference

/// The onnx package's own backend test data: a model, inputs and what they must give.
@Suite("Conformity")
struct ConformityTests {
    @Test(
        "every case in scope gives the expected outputs",
        arguments: ["node", "simple", "pytorch-converted", "pytorch-operator", "light"])
    func agrees(kind: String) throws {
        let cases = try OnnxCase.all().filter { $0.kind == kind }
        let inScope = cases.filter { $0.leftOut == nil }
        #expect(!inScope.isEmpty)
        var failed = 0
        for test in inScope {
            if let flaw = test.flaw() {
                failed += 1
                Issue.record("\(test.name): \(flaw)")
            }
        }
        let leftOut = Dictionary(grouping: cases.compactMap(\.leftOut)) { $0 }.mapValues(\.count)
        print("\(kind): \(inScope.count - failed) of \(inScope.count) cases in scope agree; left out: \(leftOut)")
    }
}
