extension RedisCommand {
    /// The first key, by which a cluster finds the node; nil if any node will do.
    var key: RedisArgument? {
        switch name {
        case "EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "FCALL", "FCALL_RO":
            guard arguments.count > 2, case .integer(1...) = arguments[1] else { return nil }
            return arguments[2]
        case "XREAD", "XREADGROUP":
            return arguments.firstIndex(of: "STREAMS").flatMap { arguments.dropFirst($0 + 1).first }
        case "OBJECT", "MEMORY", "XINFO", "XGROUP", "BITOP":
            return arguments.dropFirst().first
        default:
            return Self.keyless.contains(name) ? nil : arguments.first
        }
    }

    private static let keyless: Set<String> = [
        "ACL", "AUTH", "CLIENT", "CLUSTER", "COMMAND", "CONFIG", "DBSIZE", "ECHO", "FLUSHALL", "FLUSHDB", "INFO",
        "KEYS", "LATENCY", "PING", "PUBLISH", "ROLE", "SCAN", "SCRIPT", "SELECT", "SENTINEL", "TIME", "WAIT",
    ]
}
