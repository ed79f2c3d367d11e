extension RedisError {
    /// An error reply to a command.
    init(_ reply: RedisServerError, to command: String) {
        // A script may have written before it failed; a plain command that is answered with an error did nothing.
        let mayHaveWritten = command.hasPrefix("EVAL") || command.hasPrefix("FCALL")
        let code = Code(reply)
        self.init(
            code, "\(command) was refused: \(reply.message)", maybeExecuted: mayHaveWritten && code != .noScript)
    }
}

extension RedisError.Code {
    /// The kind of failure an error reply stands for.
    init(_ reply: RedisServerError) {
        switch reply.prefix {
        case "NOAUTH", "WRONGPASS": self = .authentication
        case "NOPERM": self = .permission
        // What a script may not do is told without a word of its own.
        case "ERR" where reply.message.hasPrefix("ERR The user executing the script can't"): self = .permission
        case "READONLY": self = .readOnly
        case "OOM": self = .outOfMemory
        case "LOADING": self = .loading
        case "BUSY": self = .busy
        case "NOSCRIPT": self = .noScript
        case "CLUSTERDOWN", "TRYAGAIN": self = .clusterDown
        default: self = .server(reply.prefix)
        }
    }
}
