import ArgumentParser
import Assembly
import Dispatch
import Foundation
import Inference

/// `queuectl model time`.
struct ModelTiming: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "time", abstract: "Measures a model: one run at a time, and as many at once as there are threads.")
    @OptionGroup var given: ModelInputs
    @Option(help: "How many runs one after another.") var runs = 30
    @Option(help: "How many runs at once in the second measurement.") var threads = 2
    @Flag(
        help: """
            Reads a number of threads from each line of standard input, runs once on each, answers the milliseconds on \
            the clock, those of processor time, and the peak memory in KiB. For comparisons that take turns.
            """)
    var onRequest = false

    func run() async throws {
        try await ExitStatus.reporting {
            let model = try Model(path: given.file)
            let inputs = try given.tensors(for: model)
            _ = try model.run(inputs)
            if onRequest {
                Output.line("\(Kernels.name); OpenBLAS: \(LinearAlgebra.coreName)")
                while let line = readLine() {
                    let before = Self.usage.processor
                    let time = try milliseconds(model, inputs, threads: Int(line) ?? 1)
                    Output.line("\(time) \(Self.usage.processor - before) \(Self.usage.peakKiB)")
                }
                return .done
            }
            let alone = try median { try milliseconds(model, inputs, threads: 1) }
            let together = try median { try milliseconds(model, inputs, threads: max(threads, 1)) }
            Output.line(String(format: "one run        %9.3f ms, %7.1f a second", alone, 1000 / alone))
            let rate = 1000 * Double(max(threads, 1)) / together
            Output.line(String(format: "%2d at once     %9.3f ms, %7.1f a second", threads, together, rate))
            Output.line("peak memory   \(Self.usage.peakKiB / 1024) MiB")
            Output.line("kernels       \(Kernels.name); OpenBLAS: \(LinearAlgebra.coreName)")
            return .done
        }
    }

    private func median(_ measure: () throws -> Double) throws -> Double {
        try (0..<max(runs, 1)).map { _ in try measure() }.sorted()[max(runs, 1) / 2]
    }

    /// How long it takes until every thread has run once.
    private func milliseconds(_ model: Model, _ inputs: [Tensor], threads: Int) throws -> Double {
        let start = ContinuousClock.now
        if threads == 1 {
            _ = try model.run(inputs)
        } else {
            // Outputs are not looked at; that the model runs was seen before.
            DispatchQueue.concurrentPerform(iterations: min(max(threads, 1), 64)) { _ in
                withExtendedLifetime(try? model.run(inputs)) {}
            }
        }
        return (ContinuousClock.now - start) / .milliseconds(1)
    }

    /// Milliseconds of processor time and the most memory so far.
    private static var usage: (processor: Double, peakKiB: Int) {
        var usage = rusage()
        #if os(Linux)
            let own = __rusage_who_t(RUSAGE_SELF.rawValue)
        #else
            let own = RUSAGE_SELF
        #endif
        // It only writes into the variable it is given.
        guard unsafe getrusage(own, &usage) == 0 else { return (0, 0) }
        let seconds = Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        let processor = seconds * 1000 + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000
        // On Linux a process inherits ru_maxrss from the one that started it; its own peak is in /proc.
        let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM") }
        let peak = line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }
        return (processor, peak ?? Int(usage.ru_maxrss) / 1024)
    }
}
