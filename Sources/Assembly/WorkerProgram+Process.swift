import Foundation
public import TaskQueue

extension WorkerProgram {
    /// This process.
    /// - Parameter logThreshold: What its loggers follow.
    public static func thisProcess(logThreshold: LogThreshold) -> WorkerProgram {
        var program = WorkerProgram()
        // Not `ProcessInfo.hostName`, which asks a name server.
        program.host = text("/proc/sys/kernel/hostname")
        program.pid = Int(ProcessInfo.processInfo.processIdentifier)
        program.version = taskQueueVersion
        program.residentBytes = residentBytes
        program.setLogLevel = { logThreshold.level = $0 }
        return program
    }

    /// See proc_pid_statm(5): the second number is resident pages.
    @Sendable private static func residentBytes() -> Int? {
        text("/proc/self/statm")?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
            .map { $0 * max(sysconf(Int32(_SC_PAGESIZE)), 1) }
    }

    private static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map {
            String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }
}
