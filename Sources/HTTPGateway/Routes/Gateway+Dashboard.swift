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
        return EventStream.response(
            KeepingAlive(every: configuration.keepAlive) { stream in
                for await page in pages { stream.yield(.named("overview", page)) }
                stream.yield(.named("end", Array(#"{"reason":"closing"}"#.utf8)))
            })
    }
}
