/// A tensor's memory, aligned to cache lines and given back with the last reference to it.
///
/// `@unchecked Sendable` holds because the memory is written only by the operator that makes the tensor, before anybody
/// else has a reference to it, and because a workspace's memory never leaves the run that has the workspace to itself.
final class Storage: @unchecked Sendable {
    static let alignment = 64

    let start: UnsafeMutableRawPointer
    private let workspace: Workspace?
    private let ticket: Int

    /// Memory of its own; at least one byte.
    init(byteCount: Int) {
        start = .allocate(byteCount: max(byteCount, 1), alignment: Storage.alignment)
        workspace = nil
        ticket = 0
    }

    /// Memory lent by a workspace, which hears of its release under `ticket`.
    init(lentBy workspace: Workspace, at start: UnsafeMutableRawPointer, ticket: Int) {
        self.start = start
        self.workspace = workspace
        self.ticket = ticket
    }

    deinit {
        if let workspace {
            workspace.takeBack(ticket)
        } else {
            start.deallocate()
        }
    }
}
