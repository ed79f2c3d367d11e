/// What one attempt came to.
///
/// Causes stay apart here and nowhere else; ``Verdict`` follows from them.
enum Outcome {
    case succeeded([UInt8])
    case failed(TaskFailure, RetryDecision)
    case timedOut(TaskFailure)
    /// Someone cancelled it, before it started or while it ran.
    case cancelled
    case expired
    /// This worker is shutting down; the attempt did not count.
    case interrupted
    /// No worker of this version can decode it, or it has killed too many.
    case quarantined(TaskFailure)
    /// Someone else may own it by now.
    case leaseLost
}

/// Turns outcomes into settlements.
///
/// A value: the decisions are tested without a worker.
struct Verdict {
    let policy: TaskPolicy
    let worker: String
    let now: Timestamp

    /// What to tell the broker.
    func settle(_ delivery: Delivery, _ outcome: Outcome) -> Settlement {
        switch outcome {
        case .succeeded(let result):
            var record = record(delivery, .success, nil)
            record.result = result
            return Settlement(delivery, .finish(record))
        case .failed(let failure, let decision):
            return Settlement(delivery, afterFailure(delivery, failure, decision))
        case .timedOut(let failure):
            return Settlement(delivery, afterFailure(delivery, failure, .backOff))
        case .cancelled:
            return final(delivery, .revoked, TaskFailure(.cancelled, "cancelled on request"))
        case .expired:
            return final(delivery, .revoked, TaskFailure(.expired, "not started before it expired"))
        case .quarantined(let failure):
            return final(delivery, .failure, failure)
        case .interrupted, .leaseLost:
            // For a lost lease too: the fence makes it harmless if someone else owns the task by now, and if the loss
            // was noticed too late and the task is ours again, it would otherwise be held for ever.
            return Settlement(delivery, .handBack)
        }
    }

    func maxAttempts(_ delivery: Delivery) -> Int {
        guard delivery.damage == nil else { return 1 }
        return delivery.message.attemptsMax(under: policy)
    }

    private func afterFailure(
        _ delivery: Delivery, _ failure: TaskFailure, _ decision: RetryDecision
    ) -> Settlement.Verdict {
        if case .snooze(let duration) = decision { return .snooze(duration) }
        guard decision != .giveUp, delivery.attempt < maxAttempts(delivery) else {
            return .finish(record(delivery, .failure, failure))
        }
        let past = AttemptRecord(
            attempt: delivery.attempt, worker: worker, startedAt: delivery.claimedAt,
            finishedAt: max(now, delivery.claimedAt), failure: failure)
        switch decision {
        case .retryNow: return .retry(after: .zero, past)
        case .retry(let delay): return .retry(after: delay, past)
        case .backOff, .giveUp, .snooze:
            var generator = SystemRandomNumberGenerator()
            return .retry(after: policy.retry.delay(beforeRetry: delivery.attempt, using: &generator), past)
        }
    }

    private func final(_ delivery: Delivery, _ state: TaskState, _ failure: TaskFailure) -> Settlement {
        Settlement(delivery, .finish(record(delivery, state, failure)))
    }

    private func record(_ delivery: Delivery, _ state: TaskState, _ failure: TaskFailure?) -> TaskRecord {
        var record = TaskRecord(settling: delivery, as: state, at: max(now, delivery.claimedAt), worker: worker)
        record.maxAttempts = maxAttempts(delivery)
        record.failure = failure
        return record
    }
}

extension TaskMessage {
    /// How often it may run; the number of retries comes from outside and may be as large as a number gets.
    func attemptsMax(under policy: TaskPolicy) -> Int {
        let retries = max(0, maxRetries ?? policy.retry.maxRetries)
        return retries == .max ? .max : retries + 1
    }
}
