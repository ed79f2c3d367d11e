internal import Blocking
internal import Logging
internal import Postgres
internal import Synchronization
internal import TaskQueue

/// Who in this process waits for which task; the server is told, so that it speaks of no others.
final class AwaitedRecords: Sendable {
    private struct State {
        var listeners: [TaskID: [Int: @Sendable () -> Void]] = [:]
        var lastNumber = 0
        var line: PostgresListener?
    }

    private let pool: PostgresPool
    private let logger: Logger
    private let state = Mutex(State())
    /// Tells this process's waits from others'.
    private let waiter = TaskID()

    /// A wait that takes longer finds its result by looking.
    private static let noticeMax = Duration.seconds(3600)
    /// A statement that was under way when the wait became known will have ended by then.
    private static let secondLook = Duration.milliseconds(100)

    init(_ pool: PostgresPool, _ logger: Logger) {
        self.pool = pool
        self.logger = logger
    }

    func listen(to ids: [TaskID], _ listener: @escaping @Sendable () -> Void) -> Subscription {
        let number = state.withLock { state in
            state.lastNumber += 1
            for id in ids { state.listeners[id, default: [:]][state.lastNumber] = listener }
            if state.line == nil { state.line = makeLine() }
            return state.lastNumber
        }
        let asking = Task { await ask(ids, listener) }
        return Subscription { [weak self] in
            asking.cancel()
            self?.forget(ids, number)
        }
    }

    /// Connects on its own thread; until it hears, and after each gap, everybody looks for themselves.
    private func makeLine() -> PostgresListener {
        PostgresListener(pool.configuration, channels: ["taskqueue_results"], logger: logger) { [weak self] event in
            self?.hear(event)
        }
    }

    private func ask(_ ids: [TaskID], _ listener: @escaping @Sendable () -> Void) async {
        var wanted = PostgresArray(of: .uuid)
        for id in ids { wanted.append(uuid: id.high, id.low) }
        do throws(PostgresError) {
            try await pool.execute(
                """
                INSERT INTO taskqueue_waits (id, waiter, until)
                SELECT id, $2, now() + make_interval(secs => $3::int8) FROM unnest($1::uuid[]) id
                ON CONFLICT (id, waiter) DO UPDATE SET until = excluded.until
                """,
                [wanted.parameter, .uuid(waiter.high, waiter.low), .int8(Self.noticeMax.components.seconds)])
        } catch {
            guard !Task.isCancelled else { return }
            logger.warning("no notice of results; looking at intervals", metadata: ["error": "\(error)"])
        }
        // It may have ended before the server knew that somebody waits.
        listener()
        TimerThread.shared.after(Self.secondLook, listener)
    }

    private func forget(_ ids: [TaskID], _ number: Int) {
        let unwanted = state.withLock { state in
            ids.filter { id in
                state.listeners[id]?[number] = nil
                guard state.listeners[id]?.isEmpty == true else { return false }
                state.listeners[id] = nil
                return true
            }
        }
        guard !unwanted.isEmpty else { return }
        var ids = PostgresArray(of: .uuid)
        for id in unwanted { ids.append(uuid: id.high, id.low) }
        let (pool, waiter, logger) = (pool, waiter, logger)
        Task {
            do throws(PostgresError) {
                try await pool.execute(
                    "DELETE FROM taskqueue_waits WHERE id = ANY ($1::uuid[]) AND waiter = $2 OR until < now()",
                    [ids.parameter, .uuid(waiter.high, waiter.low)])
            } catch {
                // Whoever next stops waiting removes it once it is an hour old.
                logger.debug("a wait is left behind", metadata: ["error": "\(error)"])
            }
        }
    }

    private func hear(_ event: PostgresListener.Event) {
        let listeners = state.withLock { state in
            switch event {
            case .message(_, let payload):
                TaskID(payload).flatMap { state.listeners[$0] }.map { Array($0.values) } ?? []
            case .gap: state.listeners.values.flatMap { Array($0.values) }
            }
        }
        for listener in listeners { listener() }
    }
}
