internal import Redis
public import TaskQueue

extension RedisBroker {
    /// Counts one request of a caller, for everybody who counts on this server.
    /// - Parameters:
    ///   - caller: Whose; at most a few hundred bytes.
    ///   - perSecond: Requests a second in the long run, above 0.
    ///   - burst: Requests that may come at once, at least 1.
    /// - Returns: How long until the next is allowed; nil if this one is.
    public func countRequest(
        of caller: String, perSecond: Double, burst: Int
    ) async throws(BrokerError) -> Duration? {
        let interval = Int64(1_000_000 / max(perSecond, 1e-3))
        do throws(RedisError) {
            let wait = try await books.client.evaluate(
                BrokerScript.rate, keys: [.string(books.keys.rate(of: caller))],
                arguments: [.integer(interval), .integer(interval * Int64(max(burst - 1, 0)))]
            ).requireInteger()
            return wait > 0 ? .microseconds(wait) : nil
        } catch {
            throw StoreError(error, "count a request")
        }
    }
}
