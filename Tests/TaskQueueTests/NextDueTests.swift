import Testing

@testable import TaskQueue

@Suite("When the next task falls due")
struct NextDueTests {
    private let start = Timestamp(rawValue: 1_000_000)

    private func at(_ milliseconds: Int) -> Timestamp { start + .milliseconds(milliseconds) }

    @Test("is not forgotten by an exchange that only settles, even if it has just passed")
    func settling() {
        var due = NextDue()
        due.accept(at(5), at: at(0), hasClaimed: true)
        due.accept(nil, at: at(3), hasClaimed: false)
        #expect(due.time == at(5))
        due.accept(nil, at: at(6), hasClaimed: false)
        #expect(due.time == at(5))
    }

    @Test("is over with a claim that came after it, which knows what follows")
    func claiming() {
        var due = NextDue()
        due.accept(at(5), at: at(0), hasClaimed: true)
        due.accept(at(20), at: at(5), hasClaimed: true)
        #expect(due.time == at(20))
        due.accept(nil, at: at(21), hasClaimed: true)
        #expect(due.time == nil)
    }

    @Test("is the earliest told, in whichever order two answers come in")
    func crossing() {
        var due = NextDue()
        due.accept(at(20), at: at(6), hasClaimed: true)
        due.accept(at(5), at: at(0), hasClaimed: true)
        #expect(due.time == at(5))
        due = NextDue()
        due.accept(at(5), at: at(0), hasClaimed: true)
        due.accept(at(4), at: at(1), hasClaimed: true)
        #expect(due.time == at(4))
    }

    @Test("is over once the worker woke up for it, so that it does not wake up for it again and again")
    func waking() {
        var due = NextDue()
        due.accept(at(5), at: at(0), hasClaimed: true)
        due.wake(at: at(4))
        #expect(due.time == at(5))
        due.wake(at: at(5))
        #expect(due.time == nil)
    }
}
