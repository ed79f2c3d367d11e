public import Logging

/// What a handler knows about the attempt it runs, and how it speaks to the outside.
public struct TaskContext: Sendable {
    let delivery: Delivery
    /// How many attempts failures may cost.
    public let maxAttempts: Int
    let workplace: Workplace
    let control: AttemptControl

    /// The worker's id.
    public var worker: String { workplace.worker }
    /// The message being run.
    public var message: TaskMessage { delivery.message }
    /// The attempt, from 1.
    public var attempt: Int { delivery.attempt }
    /// Grows with every delivery of the task.
    ///
    /// Make a write conditional on it, and a late owner changes nothing.
    public var fence: Int64 { delivery.fence }
    /// When the broker accepted the task.
    public var enqueuedAt: Timestamp { delivery.enqueuedAt }
    /// The task's id.
    public var id: TaskID { delivery.id }
    /// The task's name.
    public var task: String { delivery.message.task }
    /// The queue it came from.
    public var queue: String { delivery.message.queue }
    /// Text that travelled with the message.
    public var headers: [String: String] { delivery.message.headers }
    /// When this attempt will be cancelled.
    public var deadline: ContinuousClock.Instant { control.softDeadline ?? .now + control.softLimit }
    /// Why the attempt was told to stop, if it was; a handler that sees one should end soon.
    public var stopCause: StopCause? { control.cause }

    /// A logger whose every line names the task.
    public var logger: Logger {
        var logger = workplace.logger
        logger[metadataKey: LogKeys.taskID] = "\(id)"
        logger[metadataKey: LogKeys.task] = "\(task)"
        logger[metadataKey: LogKeys.queue] = "\(queue)"
        logger[metadataKey: LogKeys.attempt] = "\(attempt)"
        return logger
    }

    /// Tells whoever waits how far the work is.
    ///
    /// Cheap: reports between two exchanges replace each other.
    public func report(_ progress: TaskProgress) {
        control.report(progress, for: id)
    }

    /// Tells how far the work is, in a range of 0 to 1.
    public func report(_ fraction: Double, _ message: String? = nil, eta: Duration? = nil) {
        report(TaskProgress(fraction, message, eta: eta))
    }

    /// Ends a long computation that was told to stop.
    /// - Throws: `CancellationError` once the attempt has been told to stop.
    public func checkCancellation() throws {
        if stopCause != nil { throw CancellationError() }
    }
}

/// What a batch handler knows about the attempts it runs together.
public struct BatchContext: Sendable {
    /// One context per input, in their order.
    public let items: [TaskContext]

    /// A logger that names the task and the size of the batch.
    public var logger: Logger {
        guard let first = items.first else { return Logger(label: "taskqueue.batch") }
        var logger = first.workplace.logger
        logger[metadataKey: LogKeys.task] = "\(first.task)"
        logger[metadataKey: LogKeys.batchSize] = "\(items.count)"
        return logger
    }

    /// Why the batch was told to stop, if it was.
    public var stopCause: StopCause? { items.first?.stopCause }
}
