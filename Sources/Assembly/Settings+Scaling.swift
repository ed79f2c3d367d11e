public import Fleet
public import TaskQueue

extension Settings {
    /// How many workers a store's figures ask for, within `gateway.workers_min` and `gateway.workers_max`.
    public func advice(_ queues: [QueueStatus], _ workers: [WorkerStatus]) -> ScalingAdvice {
        let bounds = gateway.workers.least...max(gateway.workers.least, gateway.workers.most)
        let policy = scaling.policy(workers: bounds, slotsPerWorker: worker.concurrency)
        return ScalingAdvice(queues, workers, policy: policy, at: .now)
    }
}
