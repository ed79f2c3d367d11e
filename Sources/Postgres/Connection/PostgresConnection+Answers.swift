internal import CLibPQ

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Waiting for the server, never longer than the deadline.
extension PostgresConnection {
    /// Sends what libpq has buffered.
    func flush() throws(PostgresError) {
        while true {
            switch PQflush(handle) {
            case 0: return
            case 1:
                let ready = try wait(for: Int16(POLLIN | POLLOUT))
                // The server may have to be read before it reads on.
                if ready & Int16(POLLIN) != 0, PQconsumeInput(handle) != 1 { throw lost() }
            default: throw lost()
            }
        }
    }

    /// The answer to one statement: its last rows, once all of it has been read.
    func lastRows() throws(PostgresError) -> PostgresRows {
        var last: PostgresRows?
        var failure: PostgresError?
        while let result = try nextResult() {
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: last = PostgresRows(result)
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                PQclear(result)
                giveUp()
                throw PostgresError(.unexpectedAnswer, "the statement is a COPY and was not sent as one")
            default:
                failure = error(result)
                PQclear(result)
            }
        }
        if let failure { throw failure }
        guard let last else { throw PostgresError(.unexpectedAnswer, "the server answered nothing") }
        return last
    }

    /// Reads up to the mark at the end of a pipeline and leaves pipeline mode.
    func awaitSync() throws(PostgresError) {
        guard let result = try nextResult() else { throw lost() }
        let isMark = PQresultStatus(result) == PGRES_PIPELINE_SYNC
        PQclear(result)
        guard isMark, PQexitPipelineMode(handle) == 1 else { throw lost() }
    }

    /// Reads the server's leave to send rows.
    func awaitCopy() throws(PostgresError) {
        guard let result = try nextResult() else { throw lost() }
        defer { PQclear(result) }
        guard PQresultStatus(result) != PGRES_COPY_IN else { return }
        let failure = error(result)
        while let more = try nextResult() { PQclear(more) }
        throw failure
    }

    /// Sends rows and the mark of their end.
    func send(_ rows: [UInt8]) throws(PostgresError) {
        var sent = 0
        while sent < rows.count {
            let size = min(rows.count - sent, 1 << 20)
            let status = rows.withUnsafeBytes { buffer in
                PQputCopyData(
                    handle, buffer.baseAddress?.advanced(by: sent).assumingMemoryBound(to: CChar.self), Int32(size))
            }
            guard status >= 0 else { throw lost() }
            if status == 1 { sent += size }
            try flush()
        }
        while true {
            switch PQputCopyEnd(handle, nil) {
            case 1: return try flush()
            case 0: try flush()
            default: throw lost()
            }
        }
    }

    private func nextResult() throws(PostgresError) -> OpaquePointer? {
        while PQisBusy(handle) == 1 {
            _ = try wait(for: Int16(POLLIN))
            guard PQconsumeInput(handle) == 1 else { throw lost() }
        }
        return PQgetResult(handle)
    }

    private func wait(for events: Int16) throws(PostgresError) -> Int16 {
        var descriptor = pollfd(fd: PQsocket(handle), events: events, revents: 0)
        while true {
            let left = deadline - .now
            guard left > .zero else { throw late() }
            let (seconds, attoseconds) = left.components
            let milliseconds = min(seconds, 86_400) * 1000 + attoseconds / 1_000_000_000_000_000 + 1
            if poll(&descriptor, 1, Int32(milliseconds)) > 0 { return descriptor.revents }
            // Nothing came, or a signal did; the deadline decides.
        }
    }

    /// Whether there is something to read although nothing was asked: the server closes, or says that it will.
    var hasInput: Bool {
        var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        return PQstatus(handle) != CONNECTION_OK || poll(&descriptor, 1, 0) != 0
    }

    private func late() -> PostgresError {
        giveUp()
        canceller.cancel()
        return PostgresError(
            .timeout, "PostgreSQL did not answer in time; the statement was cancelled", maybeExecuted: true)
    }

    func lost() -> PostgresError {
        giveUp()
        return PostgresError(
            .connectionLost, "the connection to PostgreSQL broke: \(Self.words(handle))", maybeExecuted: true)
    }

    /// The server's refusal; its words about values may quote them and are left out.
    private func error(_ result: OpaquePointer) -> PostgresError {
        func field(_ code: Character) -> String? {
            guard let ascii = code.asciiValue, let text = PQresultErrorField(result, Int32(ascii)) else { return nil }
            return String(cString: text)
        }
        guard let code = field("C") else {
            // Without a code it is libpq's own: the connection broke, or an earlier step of a pipeline failed.
            if PQresultStatus(result) == PGRES_PIPELINE_ABORTED {
                return PostgresError(.unexpectedAnswer, "an earlier statement of the pipeline failed")
            }
            return lost()
        }
        let state = SQLState(rawValue: code)
        if PQstatus(handle) != CONNECTION_OK || ["57P01", "57P02", "57P03"].contains(code) { giveUp() }
        if code == SQLState.queryCanceled.rawValue, canceller.wasRequested {
            return PostgresError(.cancelled, "the statement was cancelled by its caller")
        }
        let isAboutValues = state.kind == "22" || state.kind == "23"
        let place = (field("n") ?? field("c")).map { " (\($0))" } ?? ""
        let words = isAboutValues ? "a value was refused\(place)" : field("M") ?? "no message"
        return PostgresError(.server(state), "PostgreSQL refused (\(code)): \(words)")
    }
}
