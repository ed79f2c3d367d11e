/// A time chosen by a caller: after a while, or at a point on the calendar.
///
/// A delay is counted on the store's clock from the moment the store accepts the message.
public enum DueTime: Hashable, Sendable {
    /// This long after the message is accepted.
    case after(Duration)
    /// At this time, by the store's clock.
    case at(Timestamp)

    /// The point in time meant, for a message accepted at `now`.
    public func resolved(at now: Timestamp) -> Timestamp {
        switch self {
        case .after(let delay): now + delay
        case .at(let time): time
        }
    }
}
