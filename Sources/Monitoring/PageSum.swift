/// Adds up the pages of several processes, series by series, so that one scrape tells what all of them did.
///
/// Counters and histograms are added. Of gauges, rooms are added too, and of all others the largest counts: a model that
/// drifts in one process drifts.
public struct PageSum: Sendable {
    private struct Family {
        let header: String
        let isGauge: Bool
        let isRoom: Bool
        var names: [String] = []
        var values: [String: Double] = [:]
    }

    private var order: [String] = []
    private var families: [String: Family] = [:]

    /// What is counted once for every process and means something as a sum.
    private static let rooms: Set<String> = ["taskqueue_worker_slots"]

    /// Nothing yet.
    public init() {}

    /// Adds a page; what is not in the form that ``Exposition`` writes is left out.
    /// - Parameter isOver: Whether its process has ended: what it counted stays true, what it was does not.
    public mutating func add(_ page: String, isOver: Bool = false) {
        var help = ""
        var current: String?
        for line in page.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            if words.count >= 3, words[0] == "#", words[1] == "HELP" {
                help = String(line)
            } else if words.count == 4, words[0] == "#", words[1] == "TYPE" {
                current = words[2]
                begin(words[2], kind: words[3], header: "\(help)\n\(line)\n")
            } else if let current, let space = line.lastIndex(of: " "),
                let value = Double(line[line.index(after: space)...])
            {
                count(String(line[..<space]), value, in: current, isOver: isOver)
            }
        }
    }

    /// The sum, as a page.
    public var text: String {
        order.compactMap { families[$0] }.filter { !$0.names.isEmpty }.map { family in
            let samples = family.names.map { "\($0) \(Exposition.number(family.values[$0] ?? 0))\n" }
            return family.header + samples.joined()
        }.joined()
    }

    private mutating func begin(_ name: String, kind: String, header: String) {
        guard families[name] == nil else { return }
        order.append(name)
        families[name] = Family(header: header, isGauge: kind == "gauge", isRoom: Self.rooms.contains(name))
    }

    private mutating func count(_ series: String, _ value: Double, in name: String, isOver: Bool) {
        guard var family = families[name], !(isOver && family.isGauge) else { return }
        if let known = family.values[series] {
            family.values[series] = family.isGauge && !family.isRoom ? max(known, value) : known + value
        } else {
            family.names.append(series)
            family.values[series] = value
        }
        families[name] = family
    }
}
