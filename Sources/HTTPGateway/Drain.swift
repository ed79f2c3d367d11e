import Synchronization

/// Whether a shutdown has begun.
final class Drain: Sendable {
    private let hasBegun = Atomic(false)

    var isDraining: Bool { hasBegun.load(ordering: .acquiring) }

    func begin() {
        hasBegun.store(true, ordering: .releasing)
    }
}
