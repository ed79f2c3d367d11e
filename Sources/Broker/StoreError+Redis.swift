internal import Redis
internal import TaskQueue

extension StoreError {
    /// A failure of Redis as the engine knows failures.
    init(_ error: RedisError, _ what: String) {
        let code: StoreError.Code =
            switch error.code {
            case .unavailable, .timeout, .connectionLost, .closed, .cancelled, .loading, .clusterDown: .unavailable
            case .busy: .busy
            case .outOfMemory: .full
            case .readOnly: .readOnly
            case .configuration: .invalidRequest
            case .authentication, .permission, .tls: .unavailable
            // Too few replicas, no master, no disk: it may be another time.
            case .server("NOREPLICAS"), .server("MASTERDOWN"), .server("MISCONF"): .unavailable
            case .protocolViolation, .unexpectedReply, .noScript, .server: .incompatible
            }
        self.init(code, "could not \(what): \(error)")
    }
}
