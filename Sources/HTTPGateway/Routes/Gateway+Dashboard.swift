import Hummingbird
import TaskQueue

extension Gateway {
    /// The page, and what feeds it.
    var dashboardRoutes: [Route] {
        [
            // The page holds nothing of the system: it asks for a key itself.
            Route(.get, "/", nil) { _ in DashboardPage.shared.response },
            Route(.get, "/events", .read, events),
        ]
    }

    private func events(_ asked: GatewayRequest) async throws -> Response {
        let pages = try overview.watch()
        let last = ContinuousClock.now + configuration.streamMax
        return EventStream.response(
            KeepingAlive(every: configuration.keepAlive) { stream in
                for await page in pages {
                    stream.yield(.named("overview", page))
                    // Pages come every second; no timer is needed.
                    if ContinuousClock.now >= last { break }
                }
                stream.yield(.end(ContinuousClock.now >= last ? .renew : .closing))
            })
    }
}
