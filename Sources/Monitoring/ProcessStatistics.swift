import Foundation

/// What the kernel knows about this process, under the names that every Prometheus client uses.
///
/// Read from `/proc`; where there is none, the page goes without.
public struct ProcessStatistics: MetricsSource {
    private let folder: String

    /// Reads this process.
    public init() {
        self.init(folder: "/proc")
    }

    /// Reads another `/proc`; for tests.
    init(folder: String) {
        self.folder = folder
    }

    /// Writes what can be read.
    public func write(to page: inout Exposition) async {
        let ticks = Double(max(sysconf(Int32(_SC_CLK_TCK)), 1))
        // See proc_pid_stat(5); the name in parentheses may hold anything, so fields are counted from its end.
        let stat = read("self/stat").flatMap { text in text.lastIndex(of: ")").map { text[text.index(after: $0)...] } }
        let fields = stat?.split(separator: " ").map { Double($0) } ?? []
        func field(_ number: Int) -> Double? { fields.indices.contains(number - 3) ? fields[number - 3] : nil }

        if let user = field(14), let system = field(15) {
            gauge("process_cpu_seconds_total", .counter, "CPU time spent.", (user + system) / ticks, &page)
        }
        gauge("process_threads", .gauge, "Threads.", field(20), &page)
        if let boot = bootTime, let start = field(22) {
            gauge("process_start_time_seconds", .gauge, "Start, in seconds since 1970.", boot + start / ticks, &page)
        }
        gauge("process_virtual_memory_bytes", .gauge, "Address space in use.", field(23), &page)
        let pageSize = Double(max(sysconf(Int32(_SC_PAGESIZE)), 1))
        gauge(
            "process_resident_memory_bytes", .gauge, "Memory in use.", field(24).map { $0 * pageSize }, &page)
        let open = try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/self/fd").count
        gauge("process_open_fds", .gauge, "Open file descriptors.", open.map(Double.init), &page)
        gauge("process_max_fds", .gauge, "Most file descriptors that may be open.", fileLimit, &page)
    }

    private func gauge(
        _ name: String, _ kind: Exposition.Kind, _ help: String, _ value: Double?, _ page: inout Exposition
    ) {
        guard let value else { return }
        page.family(name, kind, help: help)
        page.sample(name, value)
    }

    private var bootTime: Double? {
        read("stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) }
    }

    private var fileLimit: Double? {
        read("self/limits")?.split(separator: "\n").first { $0.hasPrefix("Max open files") }
            .flatMap { $0.split(separator: " ").dropFirst(3).first }.flatMap { Double($0) }
    }

    private func read(_ name: String) -> String? {
        FileManager.default.contents(atPath: "\(folder)/\(name)").map { String(decoding: $0, as: UTF8.self) }
    }
}
