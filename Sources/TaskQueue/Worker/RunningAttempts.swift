import Synchronization

/// The attempts that run now.
///
/// Each knows its place in the list, so that coming and going cost no search; finding one by its task, which happens
/// seldom, looks at them all.
struct RunningAttempts {
    private(set) var all: [AttemptControl] = []

    mutating func insert(_ control: AttemptControl) {
        control.place.store(all.count, ordering: .relaxed)
        all.append(control)
    }

    mutating func remove(_ control: AttemptControl) {
        let place = control.place.load(ordering: .relaxed)
        guard all.indices.contains(place), all[place] === control else { return }
        all.swapAt(place, all.endIndex - 1)
        all[place].place.store(place, ordering: .relaxed)
        all.removeLast()
    }

    /// The one that runs this delivery.
    func find(_ id: TaskID, fence: Int64) -> AttemptControl? {
        all.first { $0.deliveries.contains { $0.id == id && $0.fence == fence } }
    }
}
