/// The metadata keys of every log line, in one place.
public enum LogKeys {
    /// A task's id.
    public static let taskID = "task_id"
    /// A task's name.
    public static let task = "task"
    /// A queue's name.
    public static let queue = "queue"
    /// An attempt's number.
    public static let attempt = "attempt"
    /// A worker's id.
    public static let worker = "worker"
    /// How many tasks a batch holds.
    public static let batchSize = "batch_size"
    /// An error, as one sentence.
    public static let error = "error"
    /// How many of something.
    public static let count = "count"
    /// How long until something, in seconds.
    public static let delaySeconds = "delay_seconds"
    /// Where an attempt stopped.
    public static let reason = "reason"
}
