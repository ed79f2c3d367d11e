/// When the next scheduled task falls due, as far as a worker knows.
///
/// A plain value. It holds until a claim that came after the time, or until the worker has woken up for it: an exchange
/// that only settles neither promotes what is due nor is told what comes next.
struct NextDue: Equatable {
    private(set) var time: Timestamp?

    /// Takes in an exchange's answer.
    ///
    /// Answers may cross: one that is older than what is known can bring the time forward, at the cost of an idle look.
    mutating func accept(_ told: Timestamp?, at now: Timestamp, hasClaimed: Bool) {
        if hasClaimed, let known = time, known <= now { time = nil }
        time = [time, told].compactMap(\.self).min()
    }

    /// The worker wakes up and asks, which is what the time was known for.
    mutating func wake(at now: Timestamp) {
        if let known = time, known <= now { time = nil }
    }
}
