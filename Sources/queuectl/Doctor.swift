import ArgumentParser
import Assembly
import Inference
import TaskQueue

/// `queuectl doctor`: tells whether everything is as it should be.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks broker, results, models and versions; exit 69 if something is wrong.")
    @OptionGroup var common: CommonOptions

    private struct Check: Encodable {
        let check: String
        let ok: Bool
        let detail: String
    }

    func run() async throws {
        try await ExitStatus.reporting {
            let settings = try await common.settings()
            var checks = [Check(check: "version", ok: true, detail: taskQueueVersion)]
            checks += await stores(settings)
            checks.append(models(settings))
            for check in checks {
                if common.json {
                    Output.json(check)
                } else {
                    Output.line("\(check.ok ? "ok  " : "FAIL") \(check.check.padded(12))\(check.detail)")
                }
            }
            return checks.allSatisfy(\.ok) ? .done : .unavailable
        }
    }

    private func stores(_ settings: Settings) async -> [Check] {
        do {
            let backend = try Backend(settings)
            // A write, because a store that can only be read looks well until the first task.
            let lease = WorkerLease(newWorkerNamed: "doctor", duration: .seconds(1))
            _ = try await backend.broker.renew(lease, progress: [:])
            try await backend.broker.release(lease)
            let queues = try await backend.broker.queues()
            let workers = try await backend.broker.workers()
            _ = try await backend.results.list(TaskFilter(limit: 1))
            let complaints = try await backend.preflight().map { Check(check: "broker", ok: false, detail: $0) }
            return complaints + [
                Check(
                    check: "broker", ok: true, detail: "\(StoreURL.masked(settings.brokerURL)) can be read and written"),
                Check(
                    check: "results", ok: true,
                    detail: settings.resultsURL.map(StoreURL.masked) ?? "in the broker's file"),
                Check(
                    check: "queues", ok: true, detail: "\(queues.count), \(queues.reduce(0) { $0 + $1.ready }) ready"),
                Check(check: "workers", ok: true, detail: "\(workers.count) with a lease"),
            ]
        } catch {
            return [Check(check: "broker", ok: false, detail: "\(error)")]
        }
    }

    private func models(_ settings: Settings) -> Check {
        do throws(InferenceError) {
            let classifier = try ModelRegistry(folder: settings.modelsFolder).classifier(settings.modelName)
            let detail = "fish/\(classifier.modelVersion) loads; OpenBLAS kernels: \(LinearAlgebra.coreName)"
            return Check(check: "models", ok: true, detail: detail)
        } catch {
            return Check(check: "models", ok: false, detail: error.message)
        }
    }
}
