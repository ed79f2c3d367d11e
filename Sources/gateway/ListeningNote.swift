import Synchronization

/// Whether the server got as far as listening: what fails before that is the address's fault.
final class ListeningNote: Sendable {
    private let state = Atomic(false)

    var isListening: Bool { state.load(ordering: .acquiring) }

    func note() {
        state.store(true, ordering: .releasing)
    }
}
