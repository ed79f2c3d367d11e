/// Something that happened to a registry's models that an operator should see.
public enum ModelEvent: Sendable {
    /// A version was read and rehearsed; `bytes` is about what it keeps in memory.
    case loaded(model: String, version: String, bytes: Int, took: Duration)
    /// A version could not be loaded; tasks that do not insist on it get the one that answered before.
    case failed(model: String, version: String, InferenceError)
    /// A version was let go to keep within the memory budget.
    case evicted(model: String, version: String)
    /// Another version answers now, or the shares are others.
    case planChanged(model: String, latest: String?)
    /// The serving plan cannot be used; the one before it stays in force.
    case planRefused(model: String, InferenceError)
}
