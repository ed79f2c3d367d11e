public import Postgres
public import Redis

/// Where a broker or a result store is, as users write it.
public enum StoreURL: Hashable, Sendable {
    /// In this process.
    case memory
    /// An SQLite file.
    case sqlite(path: String)
    /// A Redis server, sentinels or a cluster.
    case redis(RedisConfiguration)
    /// A PostgreSQL database, for results.
    case postgres(PostgresConfiguration)

    /// Reads a URL.
    /// - Throws: `SettingsError` with one sentence; secrets in the URL are not repeated.
    public init(_ text: String, key: String) throws(SettingsError) {
        guard let colon = text.firstIndex(of: ":") else {
            // What has an @ may be the half of an address that holds the password.
            let what = text.contains("@") ? "the address" : "'\(text.prefix(40))'"
            throw SettingsError("\(key): \(what) has no scheme; use for example sqlite:taskqueue.sqlite")
        }
        let scheme = text[..<colon]
        var rest = text[text.index(after: colon)...]
        switch scheme {
        case "memory":
            guard rest.isEmpty else { throw SettingsError("\(key): memory: takes nothing after the colon") }
            self = .memory
        case "sqlite":
            if rest.hasPrefix("//") { rest = rest.dropFirst(2) }
            guard !rest.isEmpty else {
                throw SettingsError("\(key): sqlite: needs a path, as in sqlite:taskqueue.sqlite")
            }
            guard rest != ":memory:" else { throw SettingsError("\(key): sqlite: needs a file; use memory: instead") }
            self = .sqlite(path: String(rest))
        case "redis", "rediss", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster", "unix":
            do throws(RedisError) {
                self = .redis(try RedisConfiguration(url: text))
            } catch {
                throw SettingsError("\(key): \(error)")
            }
        case "postgres", "postgresql":
            do throws(PostgresError) {
                self = .postgres(try PostgresConfiguration(uri: text))
            } catch {
                throw SettingsError("\(key): \(error)")
            }
        default:
            throw SettingsError(
                "\(key): scheme '\(scheme)' is not known; known are sqlite:, memory:, redis:, rediss:, redis+sentinel:, "
                    + "redis+cluster: and, for results, postgres:")
        }
    }
}

extension StoreURL {
    /// A URL without user, password and parameters: what may be shown of one.
    public static func masked(_ url: String) -> String {
        if url.hasPrefix("sqlite:") || url.hasPrefix("memory:") { return url }
        guard let mark = url.firstRange(of: "://") else { return "…" }
        let (scheme, rest) = (url[..<mark.upperBound], url[mark.upperBound...])
        guard let at = rest.lastIndex(of: "@") else { return "\(scheme)\(rest.prefix { $0 != "?" })" }
        // A ? before it belongs to a password, or the @ belongs to a parameter's value.
        guard !rest[..<at].contains("?") else { return "\(scheme)…" }
        return "\(scheme)***\(rest[at...].prefix { $0 != "?" })"
    }
}

/// Why the configuration makes no sense: one sentence per complaint.
public struct SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// All that is wrong, one sentence each.
    public let complaints: [String]

    /// One complaint.
    public init(_ complaint: String) {
        complaints = [complaint]
    }

    /// All complaints.
    public init(_ complaints: [String]) {
        self.complaints = complaints
    }

    /// The sentences, one a line.
    public var description: String { complaints.joined(separator: "\n") }
}
