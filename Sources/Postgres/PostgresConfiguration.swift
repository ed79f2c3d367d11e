internal import CLibPQ

/// Where a PostgreSQL server is and how patient its callers are.
public struct PostgresConfiguration: Hashable, Sendable {
    /// A libpq URI; TLS, several hosts and everything else of libpq can be said in it.
    public let uri: String
    /// Hosts, ports and database, for people; no user, no secret.
    public let description: String
    let hosts: Int

    /// What `pg_stat_activity` shows.
    public var applicationName = "taskqueue"
    /// How long one host may take to accept a connection; a `connect_timeout` in the URI wins.
    public var connectTimeout = Duration.seconds(5)
    /// How long one use of a connection may take, the wait for a free one included.
    public var timeout = Duration.seconds(30)
    /// Most connections of a pool, each with a thread of its own.
    public var connectionsMax = 4
    /// Most callers that wait for a connection; more are turned away at once.
    public var waitersMax = 1000

    /// Reads a URI such as `postgres://user:password@h1,h2/database?sslmode=verify-full`.
    /// - Throws: `PostgresError` with code `configuration`; the URI is not repeated, because it may hold a secret.
    ///   With code `unavailable` if libpq can't be loaded.
    public init(uri: String) throws(PostgresError) {
        self.uri = uri
        guard uri.hasPrefix("postgres://") || uri.hasPrefix("postgresql://") else {
            throw PostgresError(.configuration, "the PostgreSQL URI must begin with postgres:// or postgresql://")
        }
        if let why = tq_libpq_load() {
            throw PostgresError(.unavailable, "PostgreSQL's client library can't be loaded: \(String(cString: why))")
        }
        var words: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(uri, &words) else {
            defer { PQfreemem(words) }
            let why = words.map { Self.withoutQuotations(String(cString: $0)) } ?? "out of memory"
            throw PostgresError(.configuration, "the PostgreSQL URI can't be used: \(why)")
        }
        defer { PQconninfoFree(options) }
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        let ports = (values["port"] ?? "5432").split(separator: ",", omittingEmptySubsequences: false)
        guard ports.allSatisfy({ $0.isEmpty || UInt16($0).map { $0 > 0 } ?? false }) else {
            throw PostgresError(.configuration, "the PostgreSQL URI can't be used: a port is not from 1 to 65535")
        }
        let names = values["host"] ?? values["hostaddr"] ?? "localhost"
        hosts = names.split(separator: ",", omittingEmptySubsequences: false).count
        description = "\(names):\(values["port"] ?? "5432")/\(values["dbname"] ?? "")"
    }

    /// libpq quotes what it does not understand, and that may be the password.
    private static func withoutQuotations(_ text: String) -> String {
        text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .map { $0.offset.isMultiple(of: 2) ? String($0.element) : "…" }.joined()
            .split(separator: "\n").joined(separator: "; ")
    }

    /// Keywords and values for libpq; a later one wins, so the URI stands last.
    var parameters: [(String, String)] {
        var parameters = [
            ("application_name", applicationName), ("connect_timeout", "\(max(2, connectTimeout.components.seconds))"),
            // A peer that vanished without a word is noticed within half a minute.
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "30000"), ("client_encoding", "UTF8"),
        ]
        // Of several hosts the one that can be written to is meant: that is what makes a fail-over work.
        if hosts > 1 { parameters.append(("target_session_attrs", "read-write")) }
        return parameters + [("dbname", uri)]
    }
}
