import Fleet
import Foundation
import Logging
import Synchronization
import TaskQueue

/// Gives a worker as many slots as do it good, looking once a second.
final class SlotTuning: Sendable {
    private struct State {
        var tuner: ConcurrencyTuner
        var lastLook = ContinuousClock.now
        var lastUse = SlotTuning.processorSeconds()
    }

    private let worker: Worker
    private let logger: Logger
    private let state: Mutex<State>

    /// How often to look.
    static let interval = Duration.seconds(1)

    init(worker: Worker, bounds: ClosedRange<Int>, logger: Logger) {
        self.worker = worker
        self.logger = logger
        let tuner = ConcurrencyTuner(bounds: bounds)
        state = Mutex(State(tuner: tuner))
        worker.resize(slots: tuner.slots)
    }

    /// Another number may not be exceeded from now on.
    func raise(to most: Int) {
        let slots = state.withLock { state in
            state.tuner.raise(to: most)
            return state.tuner.slots
        }
        worker.resize(slots: slots)
    }

    /// Reads how the worker does, and resizes it if that calls for it.
    func look() {
        let health = worker.health
        guard !health.isDraining else { return }
        let slots = state.withLock { state in
            let (now, use) = (ContinuousClock.now, Self.processorSeconds())
            let available = (now - state.lastLook).inSeconds * Double(ProcessInfo.processInfo.activeProcessorCount)
            let share = (use - state.lastUse) / max(available, 1e-3)
            (state.lastLook, state.lastUse) = (now, use)
            return state.tuner.adjust(
                .init(busy: health.busy, service: health.meanService, processorUse: share))
        }
        guard slots != health.slots else { return }
        logger.debug("slots changed with the load", metadata: ["slots": "\(slots)"])
        worker.resize(slots: slots)
    }

    /// What this process has used of all cores, in seconds.
    private static func processorSeconds() -> Double {
        // POSIX has `CLOCKS_PER_SEC` be a million.
        Double(clock()) / 1e6
    }
}
