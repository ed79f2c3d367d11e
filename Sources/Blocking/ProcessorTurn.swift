import Foundation

/// A thread's turn on a processor.
public enum ProcessorTurn {
    /// Lets another thread that is ready have the processor; returns at once if there is none.
    ///
    /// A thread that never waits otherwise keeps it for milliseconds, during which what it needs next can't be fetched.
    /// Costs a system call, under a microsecond.
    public static func pass() {
        _ = sched_yield()
    }
}
