public import Fleet
public import TaskQueue

extension Settings {
    /// How many workers a store's figures ask for.
    ///
    /// Within `fleet.min` and `fleet.max` if these leave a choice, else within `gateway.workers_min` and `_max`.
    public func advice(_ queues: [QueueStatus], _ workers: [WorkerStatus]) -> ScalingAdvice {
        let elsewhere = gateway.workers.least...max(gateway.workers.least, gateway.workers.most)
        let bounds = fleet.workers.count > 1 ? fleet.workers : elsewhere
        let policy = scaling.policy(workers: bounds, slotsPerWorker: worker.concurrency)
        return ScalingAdvice(queues, workers, policy: policy, at: .now)
    }
}
