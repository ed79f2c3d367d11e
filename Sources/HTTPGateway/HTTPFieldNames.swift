import HTTPTypes

extension HTTPField.Name {
    /// The name of a header of ours, which is always well formed.
    private static func named(_ name: String) -> HTTPField.Name {
        HTTPField.Name(name) ?? .cookie
    }

    static let requestID = named("X-Request-ID")
    static let idempotencyKey = named("Idempotency-Key")
    static let traceparent = named("traceparent")
    static let apiKey = named("X-API-Key")
    static let referrerPolicy = named("Referrer-Policy")
    static let frameOptions = named("X-Frame-Options")
    static let resourcePolicy = named("Cross-Origin-Resource-Policy")
    /// Keeps nginx from holding events back.
    static let accelBuffering = named("X-Accel-Buffering")
    static let taskQueue = named("X-TaskQueue-Queue")
    static let taskPriority = named("X-TaskQueue-Priority")
    static let taskDelay = named("X-TaskQueue-Delay")
    static let taskExpires = named("X-TaskQueue-Expires")
    static let taskUniqueKey = named("X-TaskQueue-Unique-Key")
    static let taskMaxRetries = named("X-TaskQueue-Max-Retries")
    static let taskTimeLimit = named("X-TaskQueue-Time-Limit")
}
