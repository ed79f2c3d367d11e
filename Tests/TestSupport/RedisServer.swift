import Foundation
import Logging
package import Redis
import Synchronization

/// A private redis-server on a free port, with its files in a temporary folder; gone when the test lets go of it.
package final class RedisServer: Sendable {
    package let port: Int
    package let folder: TemporaryFolder
    private let isSentinel: Bool
    private let process: Mutex<ServerProcess?>

    private init(_ port: Int, _ folder: TemporaryFolder, isSentinel: Bool) {
        self.port = port
        self.folder = folder
        self.isSentinel = isSentinel
        process = Mutex(nil)
    }

    /// Starts a server and waits until it answers.
    /// - Parameters:
    ///   - directives: Lines of redis.conf, such as `appendonly yes`.
    ///   - asSentinel: Whether to start a sentinel.
    package static func start(_ directives: String..., asSentinel: Bool = false) async throws -> RedisServer {
        try await start(directives, asSentinel: asSentinel)
    }

    package static func start(_ directives: [String], asSentinel: Bool = false) async throws -> RedisServer {
        let server = RedisServer(try FreePort.next(), try TemporaryFolder(), isSentinel: asSentinel)
        let own = ["bind 127.0.0.1", "port \(server.port)", "dir \(server.folder.url.path)", "loglevel notice"]
        let saving = asSentinel ? [] : ["save \"\"", "enable-debug-command yes", "unixsocket \(server.socket)"]
        let text = (own + saving + directives).joined(separator: "\n") + "\n"
        try text.write(toFile: server.file, atomically: true, encoding: .utf8)
        try await server.launch()
        return server
    }

    package var address: RedisAddress { RedisAddress(host: "127.0.0.1", port: port) }
    package var url: String { "redis://127.0.0.1:\(port)" }
    /// The path of its Unix socket.
    package var socket: String { folder.path("redis.sock") }

    private var file: String { folder.path("redis.conf") }
    private var log: String { folder.path("redis.log") }

    /// Ends it the polite way: what has to be written is written.
    package func stop() async {
        await end(SIGTERM)
    }

    /// Ends it at once, as a power failure would.
    package func kill() async {
        await end(SIGKILL)
    }

    /// Starts it again, on the same port and in the same folder; stops it first if it runs.
    package func restart() async throws {
        await stop()
        try await launch()
    }

    /// Freezes it: connections stay open, nothing is answered.
    package func pause() { process.withLock { $0 }?.signal(SIGSTOP) }

    /// Lets a frozen server go on.
    package func resume() { process.withLock { $0 }?.signal(SIGCONT) }

    /// Runs one command by redis-cli, independent of the library under test, and returns what it printed.
    @discardableResult
    package func cli(_ words: String...) async throws -> String {
        try await ServerProcess.run(["redis-cli", "-e", "-p", String(port)] + words)
            .replacingOccurrences(of: "\r\n", with: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// What it is at this moment, as `master` or `slave`; nil if it does not say.
    ///
    /// Sentinels cut all its connections when they change its role.
    package func role(_ login: String...) async -> String? {
        let command = ["redis-cli", "-e", "-p", String(port)] + login + ["ROLE"]
        return try? await ServerProcess.run(command).split(whereSeparator: \.isWhitespace).first.map(String.init)
    }

    private func end(_ signal: Int32) async {
        guard let process = process.withLock({ $0.take() }) else { return }
        process.signal(SIGCONT)
        process.signal(signal)
        await process.waitForExit()
    }

    private func launch() async throws {
        let words = ["redis-server", file] + (isSentinel ? ["--sentinel"] : [])
        let process = try await ServerProcess(words, output: log)
        self.process.withLock { $0 = process }
        let limit = ContinuousClock.now + .seconds(60)
        while process.isRunning, ContinuousClock.now < limit {
            if await Greeting(port).isAnswered() { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        let text = try String(contentsOfFile: log, encoding: .utf8)
        throw ServerProcess.Failure(description: "redis-server did not start: \(text.suffix(2000))")
    }
}
