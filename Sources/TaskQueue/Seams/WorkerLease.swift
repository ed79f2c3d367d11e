/// A worker's right to what it holds: while it renews, everything it claimed stays its own.
public struct WorkerLease: Hashable, Sendable {
    /// The worker, unique to one start of one process: two workers of one name are still two.
    public let worker: String
    /// How long the lease lasts after each renewal, by the store's clock.
    public let duration: Duration

    /// Makes a lease for a worker id that is already unique.
    public init(worker: String, duration: Duration = .seconds(10)) {
        self.worker = worker
        self.duration = duration
    }

    /// Makes a lease for a fresh start of a worker of this name.
    public init(newWorkerNamed name: String, duration: Duration) {
        let mark = UInt32.random(in: .min ... .max)
        self.init(worker: "\(name)-\(String(mark, radix: 16))", duration: duration)
    }
}
