import DequeModule

/// The ready tasks of one kind in one queue, most urgent first and oldest first among equals.
///
/// A class, so that a task knows its lane without looking it up; it never leaves the books.
final class MemoryLane {
    private var byPriority = [Deque<TaskID>](repeating: [], count: 10)
    private(set) var count = 0

    func append(_ id: TaskID, _ priority: QueuePriority) {
        byPriority[priority.level].append(id)
        count += 1
    }

    /// Puts a task that was handed back before those that came after it.
    func putBack(_ id: TaskID, _ priority: QueuePriority) {
        byPriority[priority.level].prepend(id)
        count += 1
    }

    var first: (priority: Int, id: TaskID)? {
        for level in stride(from: 9, through: 0, by: -1) {
            if let id = byPriority[level].first { return (level, id) }
        }
        return nil
    }

    func removeFirst() {
        guard let first else { return }
        _ = byPriority[first.priority].popFirst()
        count -= 1
    }

    func remove(_ id: TaskID, _ priority: QueuePriority) {
        // Claims take the first, so the search almost always ends at once.
        guard let index = byPriority[priority.level].firstIndex(of: id) else { return }
        byPriority[priority.level].remove(at: index)
        count -= 1
    }

    var ids: [TaskID] { byPriority.flatMap(\.self) }
}
