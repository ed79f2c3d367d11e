import Assembly
import Fleet
import Logging
import ServiceLifecycle
import TaskQueue

/// Sizes a fleet by what the queues hold, read from the broker once a second.
struct FleetSizing: Service {
    private let policy: ScalingPolicy
    private let queues: Set<String>?
    private let broker: any TaskBroker
    private let supervisor: Supervisor
    private let logger: Logger

    private static let interval = Duration.seconds(1)

    /// Nil if the settings leave no choice.
    init?(_ settings: Settings, broker: any TaskBroker, supervisor: Supervisor, logger: Logger) {
        let workers = settings.fleet.workers
        guard workers.count > 1 else { return nil }
        policy = settings.scaling.policy(workers: workers, slotsPerWorker: settings.worker.concurrency)
        queues = settings.worker.queues
        self.broker = broker
        self.supervisor = supervisor
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var autoscaler = Autoscaler(policy)
            let start = ContinuousClock.now
            while !Task.isCancelled {
                await look(&autoscaler, at: .now - start)
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    /// While the broker can't be read, the fleet keeps its size.
    private func look(_ autoscaler: inout Autoscaler, at time: Duration) async {
        let loads: [QueueLoad]
        do throws(BrokerError) {
            let all = QueueLoad.read(try await broker.queues(), try await broker.workers())
            loads = all.filter { queues?.contains($0.queue) ?? true }
        } catch {
            logger.error("the queues can't be read; the fleet keeps its size", metadata: [LogKeys.error: "\(error)"])
            return
        }
        let workers = supervisor.census.desired
        let decision = autoscaler.decide(loads, workers: workers, at: time)
        guard decision.desired != workers else { return }
        logger.info(
            "resizing the fleet",
            metadata: [
                "from": "\(workers)", "to": "\(decision.desired)", "wanted": "\(decision.wanted)",
                LogKeys.reason: "\(decision.reasons.joined(separator: "; "))",
            ])
        supervisor.resize(to: decision.desired)
    }
}
