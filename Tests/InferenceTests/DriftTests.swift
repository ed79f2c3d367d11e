import Testing

@testable import Inference

@Suite("Drift")
struct DriftTests {
    private let labels = ["a", "b"]
    private let reference = PredictionReference(
        labels: ["a": 0.5, "b": 0.5], confidence: [0, 0, 0, 0, 0, 0.1, 0.1, 0.2, 0.3, 0.3])

    private func window(_ count: Int, _ label: (Int) -> String, _ confidence: (Int) -> Double) -> DriftWindow {
        var window = DriftWindow(reference, labels: labels)
        for index in 0..<count { window.add(label: label(index), confidence: confidence(index)) }
        return window
    }

    /// Confidences in the reference's proportions.
    private func usual(_ index: Int) -> Double {
        [0.55, 0.65, 0.75, 0.75, 0.85, 0.85, 0.85, 0.95, 0.95, 1.0][index % 10]
    }

    @Test("nothing is said of too few answers")
    func few() {
        let window = window(50, { _ in "a" }, usual)
        #expect(window.labelDrift == nil && window.confidenceDrift == nil)
    }

    @Test("answers like the reference's do not drift")
    func steady() throws {
        let window = window(3000, { labels[$0 % 2] }, usual)
        #expect(try #require(window.labelDrift) < 0.01)
        #expect(try #require(window.confidenceDrift) < 0.01)
    }

    @Test("one label alone is a drift of labels, doubt a drift of confidence")
    func drifting() throws {
        let oneLabel = window(1000, { _ in "a" }, usual)
        #expect(try #require(oneLabel.labelDrift) > 0.25)
        #expect(try #require(oneLabel.confidenceDrift) < 0.01)
        let doubt = window(1000, { labels[$0 % 2] }, { _ in 0.4 })
        #expect(try #require(doubt.labelDrift) < 0.01)
        #expect(try #require(doubt.confidenceDrift) > 0.25)
    }

    @Test("old answers fade")
    func fading() throws {
        var window = window(2000, { _ in "a" }, usual)
        for index in 0..<10_000 { window.add(label: labels[index % 2], confidence: usual(index)) }
        #expect(try #require(window.labelDrift) < 0.01)
    }

    @Test("a confidence that is none counts with the nearest", arguments: [-1, .nan, 2, .infinity] as [Double])
    func outside(value: Double) {
        #expect([0, 9].contains(PredictionReference.bin(value)))
    }

    @Test("a reference that does not add up or names strangers is refused")
    func flaws() {
        #expect(reference.flaw(labels: labels) == nil)
        #expect(reference.flaw(labels: ["a"]) != nil)
        let tenth = [Double](repeating: 0.1, count: 10)
        #expect(PredictionReference(labels: ["a": 0.4], confidence: tenth).flaw(labels: labels) != nil)
        #expect(PredictionReference(labels: ["a": 1], confidence: [1]).flaw(labels: labels) != nil)
        #expect(PredictionReference(labels: ["a": 2, "b": -1], confidence: tenth).flaw(labels: labels) != nil)
    }
}
