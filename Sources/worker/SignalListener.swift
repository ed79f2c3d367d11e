import Assembly
import Blocking
import ServiceLifecycle
import TaskQueue
import UnixSignals

/// Does what signals ask: the first SIGTERM or SIGINT drains, the second hands back at once, SIGHUP reloads.
struct SignalListener: Service {
    let worker: Worker
    let reload: Reload
    let thread: BlockingPool

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        var requests = 0
        for await signal in signals.cancelOnGracefulShutdown() {
            guard signal != .sighup else {
                // Reads a file, which may take its time.
                await withTaskExecutorPreference(thread) { await reload.run() }
                continue
            }
            requests += 1
            if requests == 1 { worker.drain() } else { worker.handBackNow() }
        }
    }
}
