/// What became of a request to cancel.
public enum CancelReceipt: Hashable, Sendable {
    /// No live task has this id.
    case notFound
    /// A worker runs it; it was asked to stop.
    case requested
    /// It was waiting and is now held by the canceller, who settles it as REVOKED.
    case claimed(Delivery)
}
