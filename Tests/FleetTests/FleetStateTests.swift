import Testing

@testable import Fleet

@Suite("What a fleet does next")
struct FleetStateTests {
    private let start = ContinuousClock.now
    private let ready = MemberReport(isReady: true, busy: 0)

    private func busy(_ count: Int) -> MemberReport { MemberReport(isReady: true, busy: count) }

    /// A fleet whose workers are all ready; their ids are 1 to `count`.
    private func fleet(_ count: Int) -> FleetState {
        var fleet = FleetState(desired: count)
        _ = fleet.step(.tick, at: start)
        for id in 1...count { _ = fleet.step(.reported(id, ready), at: start) }
        return fleet
    }

    private func words(_ actions: [FleetAction]) -> [String] {
        actions.map { action in
            switch action {
            case .start(let member, let reason):
                "start \(member.id) in \(member.number)" + (reason.map { " after \($0)" } ?? "")
            case .drain(let member, let reason): "drain \(member.id) for \(reason)"
            case .handBack(let member): "hand back \(member.id)"
            case .finish: "finish"
            }
        }
    }

    @Test("starts as many workers as are wanted, once")
    func begin() {
        var fleet = FleetState(desired: 2)
        #expect(words(fleet.step(.tick, at: start)) == ["start 1 in 1", "start 2 in 2"])
        #expect(fleet.step(.tick, at: start).isEmpty)
        #expect(fleet.census.unready == 2 && fleet.census.ready == 0)
        _ = fleet.step(.reported(2, ready), at: start)
        #expect(fleet.census.unready == 1 && fleet.census.ready == 1)
    }

    @Test("a crashed worker is started again after a pause that doubles, and others are not held up by it")
    func backOff() {
        var fleet = fleet(2)
        var now = start
        var id = 1
        for pause in [250, 500, 1000, 2000] {
            #expect(fleet.step(.ended(id, .signaled(9)), at: now).isEmpty)
            #expect(fleet.census.backingOff == 1 && fleet.census.ready == 1)
            #expect(fleet.nextDue == now + .milliseconds(pause))
            #expect(fleet.step(.tick, at: now + .milliseconds(pause - 1)).isEmpty)
            now += .milliseconds(pause)
            id = id == 1 ? 3 : id + 1
            #expect(words(fleet.step(.tick, at: now)) == ["start \(id) in 1 after crash"])
            _ = fleet.step(.reported(id, ready), at: now)
        }
        #expect(words(fleet.step(.ended(2, .exited(1)), at: now)) == [])
        #expect(words(fleet.step(.tick, at: now + .milliseconds(250))) == ["start 7 in 2 after crash"])
        #expect(fleet.census.restarts == [.crash: 5])
    }

    @Test("a worker that ran well for a while makes earlier crashes forgotten; a pause has its limit")
    func forgiveness() {
        let policy = RestartPolicy()
        #expect(policy.delay(after: 1) == policy.base)
        #expect(policy.delay(after: 8) == policy.cap && policy.delay(after: .max) == policy.cap)
        #expect(policy.delay(after: 0) == policy.base)
        var fleet = fleet(1)
        _ = fleet.step(.ended(1, .signaled(11)), at: start)
        let again = start + policy.base
        _ = fleet.step(.tick, at: again)
        let later = again + policy.healthyAfter
        _ = fleet.step(.ended(2, .signaled(11)), at: later)
        #expect(fleet.nextDue == later + policy.base)
    }

    @Test("a worker that ended well by itself is replaced at once, unless it was never ready")
    func goodEnd() {
        var fleet = fleet(1)
        #expect(words(fleet.step(.ended(1, .exited(0)), at: start)) == ["start 2 in 1 after exit"])
        #expect(fleet.step(.ended(2, .exited(0)), at: start).isEmpty)
        #expect(fleet.nextDue == start + RestartPolicy().base)
    }

    @Test("rolls one by one: the successor first, the old one drained when it is ready, the next when that has gone")
    func roll() {
        var fleet = fleet(2)
        #expect(words(fleet.step(.roll(.hangup), at: start)) == ["start 3 in 1 after hangup"])
        #expect(fleet.step(.reported(3, MemberReport(isReady: false, busy: 0)), at: start).isEmpty)
        #expect(words(fleet.step(.reported(3, ready), at: start)) == ["drain 1 for hangup"])
        #expect(fleet.step(.tick, at: start).isEmpty)
        #expect(words(fleet.step(.ended(1, .exited(0)), at: start)) == ["start 4 in 2 after hangup"])
        #expect(words(fleet.step(.reported(4, ready), at: start)) == ["drain 2 for hangup"])
        #expect(fleet.step(.ended(2, .exited(0)), at: start).isEmpty)
        #expect(fleet.census.ready == 2 && fleet.census.restarts == [.hangup: 2])
    }

    @Test("a new program that does not come up leaves the old workers in place, and is tried more and more seldom")
    func badProgram() {
        var fleet = fleet(2)
        #expect(words(fleet.step(.roll(.binary), at: start)) == ["start 3 in 1 after binary"])
        #expect(words(fleet.step(.ended(3, .exited(1)), at: start)) == ["start 4 in 2 after binary"])
        #expect(fleet.step(.ended(4, .notStarted("no such file")), at: start).isEmpty)
        #expect(fleet.census.ready == 2 && fleet.census.backingOff == 0)
        #expect(fleet.nextDue == start + .milliseconds(250))
        let later = start + .milliseconds(250)
        #expect(words(fleet.step(.tick, at: later)) == ["start 5 in 1 after binary"])
    }

    @Test("a worker that dies while its successor starts is succeeded by it")
    func deathDuringRoll() {
        var fleet = fleet(1)
        _ = fleet.step(.roll(.hangup), at: start)
        #expect(fleet.step(.ended(1, .signaled(9)), at: start).isEmpty)
        #expect(fleet.census.unready == 1 && fleet.census.backingOff == 0)
        #expect(fleet.step(.reported(2, ready), at: start).isEmpty)
        #expect(fleet.census.ready == 1)
    }

    @Test("a worker that asks for it is replaced, and it alone")
    func recycle() {
        var fleet = fleet(2)
        let report = MemberReport(isReady: true, busy: 3, recycle: .memory)
        #expect(words(fleet.step(.reported(2, report), at: start)) == ["start 3 in 2 after memory"])
        #expect(words(fleet.step(.reported(3, ready), at: start)) == ["drain 2 for memory"])
        #expect(fleet.step(.ended(2, .exited(0)), at: start).isEmpty)
        #expect(fleet.census.restarts == [.memory: 1])
    }

    @Test("lets the emptiest go first, those that are not ready before them, and of equals the last")
    func scaleIn() {
        var fleet = fleet(4)
        for (id, count) in [(1, 2), (2, 1), (3, 5), (4, 1)] { _ = fleet.step(.reported(id, busy(count)), at: start) }
        #expect(words(fleet.step(.resized(3), at: start)) == ["drain 4 for scale_in"])
        #expect(words(fleet.step(.resized(5), at: start)) == ["start 5 in 4", "start 6 in 5"])
        _ = fleet.step(.reported(5, busy(9)), at: start)
        #expect(words(fleet.step(.resized(4), at: start)) == ["drain 6 for scale_in"])
        #expect(words(fleet.step(.resized(2), at: start)) == ["drain 2 for scale_in", "drain 1 for scale_in"])
        // What it drains is awaited, and neither restarted nor blamed.
        #expect(fleet.census.draining == 4)
        for id in [4, 6, 2, 1] { #expect(fleet.step(.ended(id, .signaled(15)), at: start).isEmpty) }
        #expect(fleet.census.ready == 2 && fleet.census.restarts.isEmpty)
        // An empty place is the first to be given up.
        _ = fleet.step(.ended(3, .signaled(9)), at: start)
        #expect(fleet.step(.resized(1), at: start).isEmpty)
        #expect(fleet.census.ready == 1 && fleet.census.backingOff == 0)
    }

    @Test("a place given up in the middle of a roll takes the successor with it")
    func scaleInDuringRoll() {
        var fleet = fleet(1)
        _ = fleet.step(.roll(.hangup), at: start)
        #expect(words(fleet.step(.resized(0), at: start)) == ["drain 1 for scale_in", "drain 2 for scale_in"])
    }

    @Test("stops by draining everybody, hands back at the second request, and finishes when nobody is left")
    func stop() {
        var fleet = fleet(2)
        #expect(words(fleet.step(.stop, at: start)) == ["drain 1 for shutdown", "drain 2 for shutdown"])
        #expect(fleet.step(.resized(5), at: start).isEmpty && fleet.step(.roll(.hangup), at: start).isEmpty)
        #expect(fleet.step(.ended(1, .signaled(9)), at: start).isEmpty)
        #expect(words(fleet.step(.stop, at: start)) == ["hand back 2"])
        #expect(fleet.step(.stop, at: start).isEmpty && fleet.nextDue == nil)
        #expect(words(fleet.step(.ended(2, .exited(0)), at: start)) == ["finish"])
        #expect(fleet.step(.tick, at: start).isEmpty)
    }

    @Test("a fleet with nobody in it stops at once")
    func stopEmpty() {
        var fleet = FleetState(desired: 0)
        #expect(fleet.step(.tick, at: start).isEmpty)
        #expect(words(fleet.step(.stop, at: start)) == ["finish"])
    }

    @Test("whatever happens, seats are never over the wanted number, and one process more at most is there for a roll")
    func invariants() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var fleet = FleetState(desired: 3)
            var alive: Set<Int> = []
            var now = start
            for _ in 0..<100 {
                now += .milliseconds(Int.random(in: 0...400, using: &generator))
                let id = alive.randomElement(using: &generator) ?? 0
                let events: [FleetEvent] = [
                    .tick, .reported(id, busy(Int.random(in: 0...4, using: &generator))), .ended(id, .signaled(9)),
                    .ended(id, .exited(0)), .roll(.hangup), .resized(Int.random(in: 0...6, using: &generator)),
                    .reported(id, MemberReport(isReady: true, busy: 0, recycle: .age)),
                ]
                guard let event = events.randomElement(using: &generator) else { continue }
                if case .ended = event { alive.remove(id) }
                for action in fleet.step(event, at: now) {
                    if case .start(let member, _) = action { alive.insert(member.id) }
                }
                let census = fleet.census
                #expect(census.ready + census.unready + census.backingOff <= census.desired + 1)
                #expect(census.ready + census.unready + census.draining == alive.count)
                #expect(Set(fleet.seats.map(\.number)).count == census.desired)
            }
            _ = fleet.step(.stop, at: now)
            var last: [FleetAction] = []
            for id in alive { last = fleet.step(.ended(id, .exited(0)), at: now) }
            #expect(alive.isEmpty || last == [.finish])
        }
    }
}
