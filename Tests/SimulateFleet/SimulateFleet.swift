import Fleet
import FleetSimulation
import Foundation

/// Draws what autoscalers make of arrival traces, and prints the table for `docs/autoscaling.md`.
///
/// `swift run simulate-fleet docs/autoscaling` writes one SVG a trace into that folder.
@main
struct SimulateFleet {
    private static let seed: UInt64 = 20_261_121

    static func main() throws {
        let folder = URL(filePath: CommandLine.arguments.dropFirst().first ?? "docs/autoscaling")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let conditions = Simulation.Conditions()
        let contenders = Contender.all(workers: 1...12, slotsPerWorker: conditions.slotsPerWorker)
        print(
            "| trace | sized by | p50 wait | p99 wait | longest | worker-seconds |\n| --- | --- | --: | --: | --: | --: |"
        )
        for trace in Trace.all(seed: seed) {
            let courses = contenders.map { contender in
                var simulation = Simulation(trace, contender, conditions)
                return simulation.run()
            }
            try Data(Chart(title: trace.title, courses: courses).svg.utf8)
                .write(to: folder.appending(path: "\(trace.name).svg"))
            for course in courses { print(row(trace, course)) }
        }
    }

    private static func row(_ trace: Trace, _ course: Course) -> String {
        let waits = [0.5, 0.99, 1].map { "\((course.wait(quantile: $0) * 100).rounded() / 100) s" }
        let cost = Int(course.workerSeconds.rounded())
        return "| \(([trace.name, course.contender] + waits + ["\(cost)"]).joined(separator: " | ")) |"
    }
}
