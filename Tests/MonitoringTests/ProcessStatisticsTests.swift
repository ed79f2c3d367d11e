import Foundation
import TestSupport
import Testing

@testable import Monitoring

@Suite("What the kernel knows about the process")
struct ProcessStatisticsTests {
    private func page(_ source: ProcessStatistics) async -> String {
        await MetricsPage([source]).text()
    }

    @Test("is told under the usual names")
    func real() async {
        let page = await page(ProcessStatistics())
        for name in [
            "process_cpu_seconds_total", "process_start_time_seconds", "process_resident_memory_bytes",
            "process_virtual_memory_bytes", "process_open_fds", "process_max_fds", "process_threads",
        ] {
            #expect(page.contains("\n\(name) "), "\(name)")
        }
    }

    @Test("is read right although the program's name holds spaces and parentheses")
    func fields() async throws {
        let folder = try TemporaryFolder()
        let own = folder.url.appending(path: "self/fd")
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        let numbers = (3...52).map { $0 == 3 ? "S" : "\($0)" }.joined(separator: " ")
        try Data("7 (a) b (c) \(numbers)".utf8).write(to: folder.url.appending(path: "self/stat"))
        try Data("cpu 1 2\nbtime 1000\n".utf8).write(to: folder.url.appending(path: "stat"))
        let limits = "Limit  Soft  Hard  Units\nMax open files            64       128      files\n"
        try Data(limits.utf8).write(to: folder.url.appending(path: "self/limits"))
        let page = await page(ProcessStatistics(folder: folder.url.path))
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        #expect(page.contains("\nprocess_cpu_seconds_total \(Exposition.number(29 / ticks))\n"))
        #expect(page.contains("\nprocess_start_time_seconds \(Exposition.number(1000 + 22 / ticks))\n"))
        #expect(page.contains("\nprocess_threads 20\n") && page.contains("\nprocess_virtual_memory_bytes 23\n"))
        #expect(page.contains("\nprocess_open_fds 0\n") && page.contains("\nprocess_max_fds 64\n"))
    }

    @Test("is left out where it can't be read, or makes no sense", arguments: [nil, "", "7 (a", "7 (a) S x"])
    func unreadable(_ stat: String?) async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "self"), withIntermediateDirectories: true)
        if let stat { try Data(stat.utf8).write(to: folder.url.appending(path: "self/stat")) }
        #expect(await page(ProcessStatistics(folder: folder.url.path)).isEmpty)
    }
}
