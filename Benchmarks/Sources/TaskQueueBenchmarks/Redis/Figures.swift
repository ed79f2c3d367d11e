import Foundation

/// What several rounds of one program came to.
struct Figures: CustomStringConvertible {
    private var rates: [Double] = []
    private var seconds = 0.0
    private var commands = 0
    private let isOfChildren: Bool

    /// - Parameter isOfChildren: Whether the processor time of ended children counts, instead of this process'.
    init(ofChildren isOfChildren: Bool) {
        self.isOfChildren = isOfChildren
    }

    /// The median of the rounds, in commands per second.
    var rate: Double { rates.isEmpty ? 0 : rates.sorted()[rates.count / 2] }

    /// Runs one round, which returns its rate.
    mutating func measure(_ commands: Int, _ round: () async throws -> Double) async throws {
        let before = cpuSeconds
        rates.append(try await round())
        seconds += cpuSeconds - before
        self.commands += commands
    }

    /// Unlike the rate, the processor time hardly depends on who else is at work.
    var description: String {
        let each = (seconds / Double(max(commands, 1)) * 1e6).formatted(.number.precision(.fractionLength(2)))
        let range = "\(Int(rates.min() ?? 0)) to \(Int(rates.max() ?? 0))"
        return "\(Int(rate)) commands/s (\(range)), \(each) µs of processor time each"
    }

    private var cpuSeconds: Double {
        var usage = rusage()
        getrusage((isOfChildren ? RUSAGE_CHILDREN : RUSAGE_SELF).rawValue, &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }
}
