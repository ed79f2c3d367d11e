internal import Redis
public import TaskQueue

extension RedisBroker {
    /// Asks the server whether it is fit to hold a queue.
    /// - Returns: What an operator should change, a sentence each; nothing if all is well.
    /// - Throws: `StoreError.incompatible` if the server is too old, else what keeps it from answering.
    public func preflight() async throws(StoreError) -> [String] {
        let facts: [Substring: Substring]
        do throws(RedisError) {
            facts = try await books.client.pipeline([RedisCommand("INFO")])
                .compactMap(\.string).reduce(into: [:]) { facts, text in
                    for line in text.split(whereSeparator: \.isNewline) {
                        let parts = line.split(separator: ":", maxSplits: 1)
                        if parts.count == 2 { facts[parts[0]] = parts[1] }
                    }
                }
        } catch {
            throw StoreError(error, "look at the server")
        }
        if let version = facts["redis_version"], let major = version.split(separator: ".").first.flatMap({ Int($0) }),
            major < Self.oldestServer
        {
            throw StoreError(
                .incompatible, "the server is Redis \(version); TaskQueue needs \(Self.oldestServer).0 or newer")
        }
        var complaints: [String] = []
        if let policy = facts["maxmemory_policy"], policy != "noeviction", facts["maxmemory"] != "0" {
            complaints.append(
                "maxmemory-policy is \(policy): a full server would throw tasks away; set it to noeviction")
        }
        if facts["role"] == "slave" {
            complaints.append("the server is a replica, which takes no tasks; name its master, or the sentinels")
        }
        return complaints
    }

    /// Scripts carry flags, which older servers take for a syntax error.
    private static let oldestServer = 7
}
