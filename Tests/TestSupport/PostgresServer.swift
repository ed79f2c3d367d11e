import Foundation
import Logging
package import Postgres
import Synchronization

/// A private PostgreSQL server on a free port, with its files in a temporary folder; gone when the test lets go of it.
///
/// Everyone may connect as `tester` without a password. PostgreSQL refuses to run as root, so root steps down.
package final class PostgresServer: Sendable {
    package let port: Int
    package let folder: TemporaryFolder
    private let settings: [String]
    private let smallDisk: String?
    private let process: Mutex<ServerProcess?>

    private init(_ port: Int, _ folder: TemporaryFolder, _ settings: [String], smallDisk: String? = nil) {
        self.smallDisk = smallDisk
        self.port = port
        self.folder = folder
        self.settings = settings
        process = Mutex(nil)
    }

    /// Starts a server with an empty database and waits until it answers.
    /// - Parameters:
    ///   - settings: Lines of postgresql.conf, such as `max_connections = 10`.
    ///   - smallDisk: The size of a disk that only this server sees, as `64m`; all tables lie there.
    package static func start(_ settings: String..., smallDisk: String? = nil) async throws -> PostgresServer {
        let server = PostgresServer(
            try FreePort.next(), try TemporaryFolder(),
            settings + (smallDisk == nil ? [] : ["default_tablespace = small"]), smallDisk: smallDisk)
        try await server.prepareFolder()
        try await ServerProcess.run(
            asServer + [program("initdb"), "-D", server.data, "-U", "tester", "-A", "trust", "-E", "UTF8"]
                + ["--no-locale", "--no-sync"])
        try await server.launch()
        if smallDisk != nil { try await server.sql("CREATE TABLESPACE small LOCATION '\(server.diskPath)'") }
        return server
    }

    /// Starts a read-only copy of a server that follows it.
    package static func startStandby(of primary: PostgresServer) async throws -> PostgresServer {
        let server = PostgresServer(try FreePort.next(), try TemporaryFolder(), primary.settings)
        try await server.prepareFolder()
        try await ServerProcess.run(
            asServer + [program("pg_basebackup"), "-D", server.data, "-R", "-c", "fast", "-d", primary.url])
        try await server.launch()
        return server
    }

    package var url: String { "postgres://tester@127.0.0.1:\(port)/postgres" }
    package var data: String { folder.path("data") }
    private var diskPath: String { folder.path("disk") }
    private var log: String { folder.path("postgres.log") }

    /// A pool of its own.
    package func pool(
        _ change: (inout PostgresConfiguration) -> Void = { _ in }
    ) throws -> PostgresPool {
        var configuration = try PostgresConfiguration(uri: url)
        change(&configuration)
        return PostgresPool(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Runs SQL by psql, independent of the library under test, and returns what it printed.
    @discardableResult
    package func sql(_ text: String) async throws -> String {
        try await ServerProcess.run(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", text]
        ).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Ends it as an operator would: connections are closed, what was committed is written.
    package func stop() async {
        await end(SIGINT)
    }

    /// Ends it at once, as a power failure would.
    package func kill() async {
        await end(SIGQUIT)
    }

    /// Starts it again, on the same port and in the same folder; stops it first if it runs.
    package func restart() async throws {
        await stop()
        try await launch()
    }

    /// Makes a standby the primary.
    package func promote() async throws {
        try await ServerProcess.run(Self.asServer + [Self.program("pg_ctl"), "promote", "-D", data])
    }

    private func end(_ signal: Int32) async {
        guard let process = process.withLock({ $0.take() }) else { return }
        process.signal(signal)
        await process.waitForExit()
    }

    private func prepareFolder() async throws {
        guard getuid() == 0 else { return }
        try await ServerProcess.run(["chown", "postgres", folder.url.path])
    }

    private func launch() async throws {
        let fixed = [
            "port=\(port)", "listen_addresses=127.0.0.1", "unix_socket_directories=\(folder.url.path)",
            "log_min_messages=fatal", "shared_buffers=32MB",
        ]
        let options = (fixed + settings).flatMap { ["-c", $0.replacing(" = ", with: "=")] }
        let process = try await ServerProcess(
            onSmallDisk + Self.asServer + [Self.program("postgres"), "-D", data] + options, output: log)
        self.process.withLock { $0 = process }
        let limit = ContinuousClock.now + .seconds(60)
        while process.isRunning, ContinuousClock.now < limit {
            if isAnswering() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        let text = try String(contentsOfFile: log, encoding: .utf8)
        throw ServerProcess.Failure(description: "postgres did not start: \(text.suffix(2000))")
    }

    /// A disk in memory, mounted where nobody else sees it and gone with the server.
    private var onSmallDisk: [String] {
        guard let smallDisk else { return [] }
        let alone = getuid() == 0 ? ["unshare"] : ["unshare", "--user", "--map-current-user", "--keep-caps"]
        let owner = getuid() == 0 ? "uid=postgres,gid=postgres," : ""
        let mount = "mkdir -p \(diskPath) && mount -t tmpfs -o \(owner)mode=700,size=\(smallDisk) tmpfs \(diskPath)"
        return alone + ["--mount", "bash", "-c", mount + " && exec \"$@\"", "bash"]
    }

    private func isAnswering() -> Bool {
        guard let configuration = try? PostgresConfiguration(uri: url) else { return false }
        return (try? PostgresConnection(configuration)) != nil
    }

    /// Debian keeps the server's programs out of the path.
    private static func program(_ name: String) -> String {
        let folders = (13...20).reversed().map { "/usr/lib/postgresql/\($0)/bin/" }
        return folders.map { $0 + name }.first { FileManager.default.isExecutableFile(atPath: $0) } ?? name
    }

    private static let asServer =
        getuid() == 0
        ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig", "KILL"] : []
}
