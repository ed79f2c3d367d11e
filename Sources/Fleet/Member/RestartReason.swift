/// Why a worker process is replaced by a fresh one.
public enum RestartReason: String, Codable, CaseIterable, Sendable {
    /// It ended badly, or before it was ready.
    case crash
    /// It ended well without being asked by its supervisor.
    case exit
    /// Everyone was asked for a fresh start.
    case hangup
    /// The program on disk is another one now.
    case binary
    /// It has run long enough.
    case age
    /// It has run enough tasks.
    case tasks
    /// It keeps too much memory.
    case memory
    /// A handler ignored its end, and what it holds on to can't be had back.
    case stuck
}
