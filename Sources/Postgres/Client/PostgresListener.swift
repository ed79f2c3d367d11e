internal import CLibPQ
internal import Foundation
public import Logging
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// Hears notifications (`LISTEN`) on a connection and a thread of its own, and connects anew when it breaks.
///
/// Ends when it is let go of.
public final class PostgresListener: Sendable {
    /// What was heard.
    public enum Event: Hashable, Sendable {
        /// A notification.
        case message(channel: String, payload: String)
        /// From here on notifications are heard; earlier ones may have been missed.
        case gap
    }

    private let line: ListeningLine

    /// Starts to listen.
    /// - Parameters:
    ///   - configuration: The server.
    ///   - channels: What to listen to; plain lower-case names.
    ///   - logger: Gets a line when the connection comes or goes.
    ///   - onEvent: Called on the listening thread; must not block.
    public init(
        _ configuration: PostgresConfiguration, channels: [String], logger: Logger,
        onEvent: @escaping @Sendable (Event) -> Void
    ) {
        line = ListeningLine(configuration, channels, logger, onEvent)
        let thread = Thread { [line] in line.run() }
        thread.name = "tq-pglisten"
        thread.start()
    }

    deinit {
        line.end()
    }
}

/// What the listening thread holds, so that the listener can be let go of while it listens.
private final class ListeningLine: Sendable {
    private let configuration: PostgresConfiguration
    private let channels: [String]
    private let logger: Logger
    private let onEvent: @Sendable (PostgresListener.Event) -> Void
    private let isOver = Mutex(false)
    /// Written to once, to end the wait.
    private let ends: (read: Int32, write: Int32)

    /// How long the line may be silent before the server is asked whether it is there.
    private static let patience: Int32 = 20_000

    init(
        _ configuration: PostgresConfiguration, _ channels: [String], _ logger: Logger,
        _ onEvent: @escaping @Sendable (PostgresListener.Event) -> Void
    ) {
        self.configuration = configuration
        self.channels = channels
        self.logger = logger
        self.onEvent = onEvent
        var pair: [Int32] = [-1, -1]
        // Without a pipe it listens all the same and ends at the next silence.
        if pipe(&pair) != 0 { logger.error("no pipe for the listener; check how many files may be open") }
        ends = (pair[0], pair[1])
    }

    deinit {
        close(ends.read)
        close(ends.write)
    }

    func end() {
        isOver.withLock { $0 = true }
        var byte: UInt8 = 0
        _ = write(ends.write, &byte, 1)
    }

    func run() {
        var failures = 0
        while !isOver.withLock(\.self) {
            do throws(PostgresError) {
                let connection = try PostgresConnection(configuration)
                for channel in channels { try connection.script("LISTEN \(channel)") }
                failures = 0
                onEvent(.gap)
                while !isOver.withLock(\.self) { try hear(connection) }
            } catch {
                failures += 1
                guard !isOver.withLock(\.self) else { return }
                logger.warning("listening to PostgreSQL failed; connecting anew", metadata: ["error": "\(error)"])
                rest(milliseconds: min(5000, 50 << min(failures, 7)))
            }
        }
    }

    private func hear(_ connection: PostgresConnection) throws(PostgresError) {
        if connection.isSilent(orWakenBy: ends.read, milliseconds: Self.patience) {
            connection.deadline = .now + configuration.timeout
            try connection.script("SELECT 1")
        }
        for event in try connection.notifications() { onEvent(event) }
    }

    private func rest(milliseconds: Int32) {
        var descriptor = pollfd(fd: ends.read, events: Int16(POLLIN), revents: 0)
        _ = poll(&descriptor, 1, milliseconds)
    }
}

extension PostgresConnection {
    /// Waits until the server or the other descriptor has something to say; true if neither had.
    fileprivate func isSilent(orWakenBy other: Int32, milliseconds: Int32) -> Bool {
        var descriptors = [
            pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0),
            pollfd(fd: other, events: Int16(POLLIN), revents: 0),
        ]
        return poll(&descriptors, 2, milliseconds) == 0
    }

    /// What the server has sent unasked.
    fileprivate func notifications() throws(PostgresError) -> [PostgresListener.Event] {
        guard PQconsumeInput(handle) == 1 else { throw lost() }
        var events: [PostgresListener.Event] = []
        while let notice = PQnotifies(handle) {
            events.append(
                .message(
                    channel: String(cString: notice.pointee.relname), payload: String(cString: notice.pointee.extra)))
            PQfreemem(notice)
        }
        guard PQstatus(handle) == CONNECTION_OK else { throw lost() }
        return events
    }
}
