import Assembly
import Fleet
import TaskQueue
import Testing

@Suite("Settings of a fleet")
struct FleetSettingsTests {
    private func settings(_ flags: [String: String]) async throws -> Settings {
        try await SettingsSources.load(flags: flags, file: nil, environment: [:])
    }

    private func complaints(_ flags: [String: String]) async -> [String] {
        do {
            _ = try await settings(flags)
            return []
        } catch {
            return (error as? SettingsError)?.complaints ?? ["\(error)"]
        }
    }

    @Test("without any there is one worker, and only a handler that never returns makes it go")
    func defaults() async throws {
        let fleet = try await settings([:]).fleet
        #expect(fleet == FleetSettings() && fleet.workers == 1...1)
        #expect(fleet.recycling == RecyclingPolicy() && fleet.recycling.abandoned == 1)
    }

    @Test("the most is as many as the fewest unless it is given")
    func bounds() async throws {
        #expect(try await settings(["fleet.min": "3"]).fleet.workers == 3...3)
        #expect(try await settings(["fleet.min": "2", "fleet.max": "8"]).fleet.workers == 2...8)
        #expect(try await settings(["fleet.min": "0"]).fleet.workers == 0...1)
    }

    @Test("limits are read in their units, and 0 is none")
    func limits() async throws {
        let flags = ["fleet.recycle_seconds": "60", "fleet.recycle_tasks": "7", "fleet.recycle_rss_bytes": "1000000"]
        let policy = try await settings(flags).fleet.recycling
        #expect(policy.age == .seconds(60) && policy.tasks == 7 && policy.residentBytes == 1_000_000)
        #expect(try await settings(["fleet.recycle_seconds": "0"]).fleet.recycling.age == nil)
        #expect(try await settings(["worker.stop_seconds": "9"]).worker.stopTimeout == .seconds(9))
        let slots = try await settings(["worker.concurrency_min": "4"]).worker
        #expect(slots.concurrencyMin == 4)
        #expect(try await settings([:]).worker.concurrencyMin == nil)
    }

    @Test("bounds that contradict each other are complaints")
    func contradictions() async {
        #expect(
            await complaints(["fleet.min": "3", "fleet.max": "2"]) == [
                "fleet.max: must not be less than fleet.min; see the command line"
            ])
        #expect(
            await complaints(["worker.concurrency": "3", "worker.concurrency_min": "4"]) == [
                "worker.concurrency_min: must not be more than worker.concurrency; see the command line"
            ])
    }
}
