import Foundation
import Redis
import TaskQueue
import TestSupport

/// The package's programs, which stand beside the test bundle.
enum Programs {
    static func path(_ name: String) -> String {
        let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
        let folder = bundle?.bundleURL ?? URL(filePath: CommandLine.arguments[0])
        return folder.deletingLastPathComponent().appending(path: name).path
    }
}

/// A process that runs naps, and may be treated badly.
final class WorkerProcess: Sendable {
    let name: String
    private let folder: TemporaryFolder
    private let process: ServerProcess

    init(_ url: String, _ name: String, lease: Duration) async throws {
        self.name = name
        folder = try TemporaryFolder()
        process = try await ServerProcess(
            [
                "env", "TASKQUEUE_WORKER_LEASE_SECONDS=\(lease.components.seconds)", Programs.path("drill-worker"),
                "--broker-url", url, "--name", name, "--concurrency", "4",
            ],
            output: folder.path("log"))
    }

    var isRunning: Bool { process.isRunning }

    func pause() { process.signal(SIGSTOP) }

    func resume() { process.signal(SIGCONT) }

    /// Ends it at once.
    func kill() async {
        process.signal(SIGKILL)
        await process.waitForExit()
    }

    /// How many tasks it holds, as its broker sees it; nil if it is not known there.
    func holding(_ station: Station) async throws -> Int? {
        try await station.broker.workers().first { $0.worker.hasPrefix(name + "-") }?.holding
    }
}
