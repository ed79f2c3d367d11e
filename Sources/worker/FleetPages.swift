import Monitoring
import Synchronization

/// What the workers of a fleet counted, added up; those that have ended included, because a counter never falls.
final class FleetPages: MetricsSource {
    private struct State {
        var past = PageSum()
        var present: [Int: String] = [:]
    }

    private let state = Mutex(State())

    /// Keeps a worker's latest page; nil when its process is gone.
    func note(_ page: String?, of member: Int) {
        state.withLock { state in
            if page == nil, let last = state.present[member] { state.past.add(last, isOver: true) }
            state.present[member] = page
        }
    }

    func write(to page: inout Exposition) async {
        let (past, present) = state.withLock { ($0.past, $0.present) }
        var sum = past
        for (_, text) in present.sorted(by: { $0.key < $1.key }) { sum.add(text) }
        page.append(sum)
    }
}
