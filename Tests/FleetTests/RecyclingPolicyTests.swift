import Fleet
import Testing

@Suite("When a worker has done enough")
struct RecyclingPolicyTests {
    private func figures(
        age: Duration = .zero, ended: Int = 0, bytes: Int? = nil, abandoned: Int = 0
    ) -> MemberFigures {
        MemberFigures(age: age, ended: ended, residentBytes: bytes, abandoned: abandoned)
    }

    @Test("without limits only an abandoned attempt counts")
    func none() {
        let policy = RecyclingPolicy()
        let much = figures(age: .seconds(1 << 40), ended: .max, bytes: .max)
        #expect(policy.reason(toReplace: much) == nil)
        #expect(policy.reason(toReplace: figures(abandoned: 1)) == .stuck)
    }

    @Test("every limit is named when it is reached, and not before")
    func limits() {
        var policy = RecyclingPolicy()
        policy.age = .seconds(60)
        policy.tasks = 100
        policy.residentBytes = 1000
        policy.abandoned = nil
        #expect(policy.reason(toReplace: figures(age: .seconds(59), ended: 99, bytes: 1000, abandoned: 9)) == nil)
        #expect(policy.reason(toReplace: figures(age: .seconds(60))) == .age)
        #expect(policy.reason(toReplace: figures(ended: 100)) == .tasks)
        #expect(policy.reason(toReplace: figures(bytes: 1001)) == .memory)
    }
}
