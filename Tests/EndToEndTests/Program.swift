import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// One of the package's programs, run as a user runs it.
final class Program {
    let process = Process()
    private let output = Pipe()
    private let errors = Pipe()

    /// Where the programs are: beside the test bundle.
    private static let folder =
        Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }
        .map { $0.bundleURL.deletingLastPathComponent() }
        ?? URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()

    /// Where a program is.
    static func path(_ name: String) -> String { folder.appending(path: name).path }

    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    init(_ name: String, _ arguments: [String], folder: String, environment: [String: String] = [:]) {
        process.executableURL = Self.folder.appending(path: name)
        process.arguments = arguments
        process.currentDirectoryURL = Self.repository
        let own = [
            "TASKQUEUE_BROKER_URL": "sqlite:\(folder)/queue.sqlite",
            "TASKQUEUE_SENSORS_PATH": "\(folder)/readings.sqlite",
        ]
        process.environment = ProcessInfo.processInfo.environment.merging(own) { $1 }.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
    }

    /// Any other program of this machine, from the repository's folder.
    init(tool path: String, _ arguments: [String]) {
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.currentDirectoryURL = Self.repository
        process.standardInput = FileHandle.nullDevice
    }

    deinit {
        // A test that failed half-way leaves nothing running.
        if process.isRunning { Glibc.kill(process.processIdentifier, SIGKILL) }
    }

    /// Starts the program and leaves it running, its output thrown away.
    /// - Parameters:
    ///   - outputs: The file that gets its standard output, if any.
    ///   - errors: The file that gets its standard error, if any.
    func start(outputs: String? = nil, errors: String? = nil) throws {
        process.standardOutput = try Self.file(outputs)
        process.standardError = try Self.file(errors)
        try launch()
    }

    private static func file(_ path: String?) throws -> FileHandle {
        guard let path else { return FileHandle.nullDevice }
        try Data().write(to: URL(filePath: path))
        return try FileHandle(forWritingTo: URL(filePath: path))
    }

    func signal(_ number: Int32) {
        Glibc.kill(process.processIdentifier, number)
    }

    /// Runs the program to its end.
    func run() async throws -> (status: Int32, output: String, errors: String) {
        process.standardOutput = output
        process.standardError = errors
        try launch()
        // The pipes end when the program does; reading them first keeps a full pipe from stopping it.
        let (outputEnd, errorsEnd) = (output.fileHandleForReading, errors.fileHandleForReading)
        async let out = Self.read(outputEnd)
        async let err = Self.read(errorsEnd)
        let (text, complaints) = await (out, err)
        process.waitUntilExit()
        return (process.terminationStatus, text, complaints)
    }

    private static func read(_ handle: FileHandle) async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(returning: String(decoding: handle.readDataToEndOfFile(), as: UTF8.self))
            }
        }
    }

    /// A child inherits the signal mask of the thread that starts it, and a Swift task's thread may block SIGTERM.
    private func launch() throws {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try process.run()
    }

    func kill() {
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func terminate() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
