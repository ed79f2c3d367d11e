/// A Redis URL taken apart, not yet judged.
///
/// Foundation's URL knows no list of hosts, hence a parser of our own. Complaints never quote the part before `@`.
struct RedisURL {
    private let scheme: String
    private var credentials: RedisCredentials?
    private var hosts: [Substring]
    private var path: [String]
    private var query: [String: String] = [:]

    init(_ url: String) throws(RedisError) {
        guard let mark = url.firstRange(of: "://") else {
            throw Self.complaint("it has no scheme; it should begin with redis:// or rediss://")
        }
        scheme = url[..<mark.lowerBound].lowercased()
        let rest = url[mark.upperBound...].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = rest[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var authority = parts[0]
        // The last @, since a password that was not encoded may hold one.
        if let at = authority.lastIndex(of: "@") {
            credentials = try Self.credentials(authority[..<at])
            authority = authority[authority.index(after: at)...]
        }
        // What follows may be quoted in complaints; a stray @ means that a piece of a password is in there.
        guard !parts.dropFirst().joined().contains("@"), !rest.dropFirst().joined().contains("@") else {
            throw Self.complaint("an @ follows a / or ?; inside a password write %2F for /, %3F for ? and %40 for @")
        }
        hosts = authority.isEmpty ? [] : authority.split(separator: ",", omittingEmptySubsequences: false)
        path = []
        if parts.count > 1 {
            for part in parts[1].split(separator: "/") { path.append(try Self.decode(part, "the path")) }
        }
        if rest.count > 1 {
            for pair in rest[1].split(separator: "&") {
                let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                let name = try Self.decode(halves[0], "the query")
                query[name] = halves.count > 1 ? try Self.decode(halves[1], name + "=") : ""
            }
        }
    }

    consuming func configuration() throws(RedisError) -> RedisConfiguration {
        let secured = query.keys.contains { ["ca_file", "cert_file", "key_file", "verify"].contains($0) }
        var configuration = RedisConfiguration(servers: try servers(), credentials: credentials)
        configuration.database = try database()
        if scheme.hasPrefix("rediss") {
            configuration.tls = try tls()
        } else if secured {
            throw Self.complaint("ca_file=, cert_file=, key_file= and verify= need the scheme rediss://")
        }
        configuration.sentinelCredentials = query.removeValue(forKey: "sentinel-password").map { [query] in
            RedisCredentials(user: query["sentinel-user"], password: $0)
        }
        query["sentinel-user"] = nil
        if let unknown = query.keys.sorted().first {
            throw Self.complaint("it has an unknown parameter \"\(unknown)=\"")
        }
        return configuration
    }

    private mutating func servers() throws(RedisError) -> RedisServers {
        switch scheme {
        case "redis", "rediss":
            guard hosts.count <= 1 else {
                throw Self.complaint("it has several hosts; use redis+sentinel:// or redis+cluster://")
            }
            return .single(try Self.address(hosts.first ?? "localhost", defaultPort: 6379))
        case "unix":
            defer { path = [] }
            guard hosts.isEmpty, !path.isEmpty else {
                throw Self.complaint("a Unix socket is written unix:///path/of/socket")
            }
            return .single(RedisAddress(unixSocket: "/" + path.joined(separator: "/")))
        case "redis+sentinel", "rediss+sentinel":
            guard !path.isEmpty else { throw Self.complaint("the master's name is missing after the sentinels") }
            return .sentinel(try addresses(defaultPort: 26379), master: path.removeFirst())
        case "redis+cluster", "rediss+cluster":
            return .cluster(try addresses(defaultPort: 6379))
        default:
            throw Self.complaint("its scheme is none of redis, rediss, unix, redis+sentinel, redis+cluster")
        }
    }

    private func addresses(defaultPort: Int) throws(RedisError) -> [RedisAddress] {
        guard !hosts.isEmpty else { throw Self.complaint("it names no host") }
        var addresses: [RedisAddress] = []
        for host in hosts { addresses.append(try Self.address(host, defaultPort: defaultPort)) }
        return addresses
    }

    private mutating func database() throws(RedisError) -> Int {
        guard path.count <= 1 else { throw Self.complaint("its path has too many parts") }
        guard let text = query.removeValue(forKey: "database") ?? path.first else { return 0 }
        guard let number = Int(text), number >= 0 else {
            throw Self.complaint("the database \"\(text)\" is not a number from 0")
        }
        guard number == 0 || !scheme.hasSuffix("cluster") else {
            throw Self.complaint("a cluster has no database other than 0")
        }
        return number
    }

    private mutating func tls() throws(RedisError) -> RedisTLS {
        let word = query.removeValue(forKey: "verify") ?? "full"
        guard let verification = RedisTLS.Verification(rawValue: word) else {
            throw Self.complaint("verify=\(word) is none of full, ca, none")
        }
        return RedisTLS(
            authority: query.removeValue(forKey: "ca_file"), certificate: query.removeValue(forKey: "cert_file"),
            key: query.removeValue(forKey: "key_file"), verification: verification)
    }
}

extension RedisURL {
    private static func credentials(_ text: Substring) throws(RedisError) -> RedisCredentials {
        let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2 else {
            throw complaint("before the @ there should be user:password, or :password without a user")
        }
        let user = try decode(halves[0], "the user")
        return RedisCredentials(
            user: user.isEmpty ? nil : user, password: try decode(halves[1], "the password"))
    }

    private static func address(_ text: Substring, defaultPort: Int) throws(RedisError) -> RedisAddress {
        var host = text
        var port: Substring?
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else {
                throw complaint("the bracket in \"\(text)\" is not closed")
            }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else { throw complaint("\"\(text)\" is not [address]:port") }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard !host.isEmpty else { throw complaint("a host is empty") }
        guard let port else { return RedisAddress(host: try decode(host, "the host"), port: defaultPort) }
        guard let number = UInt16(port), number > 0 else {
            throw complaint("a port is not a number from 1 to 65535; IPv6 addresses need brackets")
        }
        return RedisAddress(host: try decode(host, "the host"), port: Int(number))
    }

    private static func decode(_ text: Substring, _ what: String) throws(RedisError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = Substring(rest.prefix(2))
            guard digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit), let value = UInt8(digits, radix: 16) else {
                throw complaint("\(what) has a % that is not followed by two hexadecimal digits; write %25 for %")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw complaint("\(what) is not UTF-8 once decoded")
        }
        return decoded
    }

    private static func complaint(_ reason: String) -> RedisError {
        RedisError(.configuration, "the Redis URL can't be used: \(reason)")
    }
}
