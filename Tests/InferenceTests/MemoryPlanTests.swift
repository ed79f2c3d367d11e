import Testing

@testable import Inference

@Suite("Memory plan")
struct MemoryPlanTests {
    @Test("pieces in use at the same time never overlap, and the arena is no larger than all of them")
    func noOverlap() {
        var random = SeededGenerator(seed: 8)
        for _ in 0..<200 {
            let requests = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                let from = Int.random(in: 0..<50, using: &random)
                return MemoryPlan.Request(
                    byteCount: Int.random(in: 1...20, using: &random) * 64, from: from,
                    to: from + Int.random(in: 1...10, using: &random))
            }
            let plan = MemoryPlan(requests)
            #expect(plan.byteCount <= requests.reduce(0) { $0 + $1.byteCount })
            for (a, first) in requests.enumerated() {
                let range = plan.offsets[a]..<plan.offsets[a] + first.byteCount
                #expect(range.upperBound <= plan.byteCount)
                for (b, second) in requests.enumerated().dropFirst(a + 1)
                where first.from < second.to && second.from < first.to {
                    #expect(!range.overlaps(plan.offsets[b]..<plan.offsets[b] + second.byteCount))
                }
            }
        }
    }

    @Test("a chain of equal pieces needs room for two")
    func chain() {
        let requests = (0..<10).map { MemoryPlan.Request(byteCount: 128, from: $0, to: $0 + 2) }
        #expect(MemoryPlan(requests).byteCount == 256)
    }

    @Test("memory is lent again after it is given back, and never twice at once")
    func lending() throws {
        let workspace = Workspace()
        for _ in 0..<3 {
            workspace.begin()
            var first: Storage? = try workspace.lend(1000, at: "a")
            let second = try workspace.lend(1000, at: "b")
            #expect(first?.start != second.start)
            first = nil
            let third = try workspace.lend(1000, at: "c")
            #expect(third.start != second.start)
            withExtendedLifetime((second, third)) { workspace.finish() }
        }
        #expect(workspace.peak == 2048)
    }

    @Test("a run that would hold too much is refused")
    func limit() throws {
        let workspace = Workspace()
        workspace.begin()
        let error = #expect(throws: InferenceError.self) { try workspace.lend(Workspace.bytesMax + 1, at: "node") }
        #expect(error?.message.contains("node") == true)
    }
}
