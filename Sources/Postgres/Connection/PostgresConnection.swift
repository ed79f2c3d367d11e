internal import CLibPQ

/// One connection: opened, used, closed, never mended.
///
/// Its calls block until the server has answered or the deadline is over, so they belong on a thread that may block;
/// ``PostgresPool`` has such threads. Unchecked, because libpq lets one thread at a time use a connection, and the pool
/// hands each to one caller at a time.
public final class PostgresConnection: @unchecked Sendable {
    let handle: OpaquePointer
    let canceller: PostgresCanceller
    private var names: [String: String] = [:]
    /// False once it broke or fell silent.
    private(set) var isUsable = true
    /// When the calls of this use must be over.
    public var deadline: ContinuousClock.Instant

    /// Opens a connection; blocks for as long as `connect_timeout` allows for each host.
    /// - Throws: `PostgresError` with code `unavailable`.
    public init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        let parameters = configuration.parameters
        let handle = CStrings(parameters.map(\.0)).withPointers { keywords in
            CStrings(parameters.map(\.1)).withPointers { values in PQconnectdbParams(keywords, values, 1) }
        }
        guard let handle else { throw PostgresError(.unavailable, "libpq has no memory for a connection") }
        guard PQstatus(handle) == CONNECTION_OK else {
            defer { PQfinish(handle) }
            throw PostgresError(.unavailable, "no connection to PostgreSQL: \(Self.words(handle))")
        }
        // What the server remarks would otherwise be printed.
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        PQsetnonblocking(handle, 1)
        self.handle = handle
        canceller = PostgresCanceller(handle)
        deadline = .now + configuration.timeout
    }

    deinit {
        PQfinish(handle)
    }

    /// Runs one statement.
    @discardableResult
    public func execute(
        _ statement: PostgresStatement, _ parameters: [PostgresParameter] = []
    ) throws(PostgresError) -> PostgresRows {
        try send(statement, parameters)
        return try lastRows()
    }

    /// Runs statements in one round trip and one transaction: all or none of them count.
    ///
    /// - Returns: What each of them returned.
    public func pipeline(
        _ steps: [(PostgresStatement, [PostgresParameter])]
    ) throws(PostgresError) -> [PostgresRows] {
        for (statement, parameters) in steps where statement.isPrepared { try prepare(statement, parameters) }
        guard PQenterPipelineMode(handle) == 1 else { throw lost() }
        for (statement, parameters) in steps { try send(statement, parameters) }
        guard PQpipelineSync(handle) == 1 else { throw lost() }
        try flush()
        var rows: [PostgresRows] = []
        var failure: PostgresError?
        for _ in steps {
            do throws(PostgresError) {
                rows.append(try lastRows())
            } catch {
                guard isUsable else { throw error }
                // Those after it were passed over, and only say so.
                if failure == nil { failure = error }
            }
        }
        try awaitSync()
        if let failure { throw failure }
        return rows
    }

    /// Runs SQL that may hold several statements and takes no values; without `BEGIN` it is one transaction.
    public func script(_ sql: String) throws(PostgresError) {
        guard PQsendQuery(handle, sql) == 1 else { throw lost() }
        try flush()
        _ = try lastRows()
    }

    /// Runs the body in a transaction; it counts if the body returns, and does not if it throws.
    public func transaction<Value>(
        _ body: (PostgresConnection) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        try script("BEGIN")
        do throws(PostgresError) {
            let value = try body(self)
            try script("COMMIT")
            return value
        } catch {
            if isUsable { try? script("ROLLBACK") }
            throw error
        }
    }

    /// Copies rows into a table.
    /// - Parameters:
    ///   - target: The table and its columns, as `readings (sensor, at)`.
    ///   - rows: The rows.
    /// - Returns: How many rows were copied.
    @discardableResult
    public func copy(into target: String, _ rows: CopyRows) throws(PostgresError) -> Int {
        guard PQsendQuery(handle, "COPY \(target) FROM STDIN (FORMAT binary)") == 1 else { throw lost() }
        try flush()
        try awaitCopy()
        try send(rows.bytes)
        return try lastRows().affected
    }

    /// Whether a connection that nobody uses can be used again: open, and the server has said nothing meanwhile.
    var isFresh: Bool {
        isUsable && !canceller.wasRequested && PQtransactionStatus(handle) == PQTRANS_IDLE && !hasInput
    }

    func send(_ statement: PostgresStatement, _ parameters: [PostgresParameter]) throws(PostgresError) {
        let name = statement.isPrepared ? try prepare(statement, parameters) : nil
        let types = parameters.map(\.oid)
        let isSent = PackedParameters(parameters).withPointers { values, lengths, formats in
            if let name {
                PQsendQueryPrepared(handle, name, Int32(parameters.count), values, lengths, formats, 1)
            } else {
                PQsendQueryParams(
                    handle, statement.sql, Int32(parameters.count), types, values, lengths, formats, 1)
            }
        }
        guard isSent == 1 else { throw lost() }
        if PQpipelineStatus(handle) == PQ_PIPELINE_OFF { try flush() }
    }

    @discardableResult
    private func prepare(
        _ statement: PostgresStatement, _ parameters: [PostgresParameter]
    ) throws(PostgresError) -> String {
        if let name = names[statement.sql] { return name }
        let name = "s\(names.count)"
        guard PQsendPrepare(handle, name, statement.sql, Int32(parameters.count), parameters.map(\.oid)) == 1 else {
            throw lost()
        }
        try flush()
        _ = try lastRows()
        names[statement.sql] = name
        return name
    }

    /// The connection is of no use any more.
    func giveUp() {
        isUsable = false
    }

    static func words(_ handle: OpaquePointer) -> String {
        String(cString: PQerrorMessage(handle)).split(whereSeparator: \.isNewline)
            .map { $0.drop { $0.isWhitespace } }.joined(separator: "; ")
    }
}
