import HTTPTypes
import Hummingbird
import TaskQueue

extension Gateway {
    /// Probes, metrics, and the description of it all.
    var healthRoutes: [Route] {
        var routes = [
            Route(.get, "/live", nil) { _ in .json(["status": "ok"]) }, Route(.get, "/ready", nil, ready),
            Route(.get, "/health", .read, health),
            Route(.get, "/openapi.json", nil) { _ in .json(bytes: document.json) },
        ]
        if let metrics {
            routes.append(
                Route(.get, "/metrics", .read) { _ in
                    .data(Array(await metrics().utf8), type: "text/plain; version=0.0.4; charset=utf-8")
                })
        }
        return routes
    }

    private func ready(_ asked: GatewayRequest) async throws -> Response {
        guard !drain.isDraining else { throw Problem(.unavailable, "the gateway is stopping") }
        _ = try await asking { [broker] in try await broker.fetch([TaskID(high: 0, low: 0)]) }
        return .json(["status": "ok"])
    }

    private func health(_ asked: GatewayRequest) async throws -> Response {
        async let brokerHealth = part("broker") { [broker] in
            "\(try await broker.queues().count) queues, \(try await broker.workers().count) workers"
        }
        async let resultsHealth = part("results") { [results] in
            _ = try await results.fetch([TaskID(high: 0, low: 0)])
            return "can be read"
        }
        let parts = [
            await brokerHealth, await resultsHealth,
            HealthPart(part: "gateway", ok: !drain.isDraining, detail: drain.isDraining ? "stopping" : "serving"),
        ]
        let isWell = parts.allSatisfy(\.ok)
        struct Page: Encodable {
            let status: String
            let version: String
            let parts: [HealthPart]
        }
        return .json(
            Page(status: isWell ? "ok" : "unavailable", version: configuration.version, parts: parts),
            isWell ? .ok : .serviceUnavailable)
    }

    private func part(
        _ name: String, _ look: @escaping @Sendable () async throws -> String
    ) async -> HealthPart {
        let start = ContinuousClock.now
        do {
            let detail = try await asking(look)
            let spent = ((ContinuousClock.now - start).inSeconds * 100_000).rounded() / 100
            return HealthPart(part: name, ok: true, detail: detail, milliseconds: spent)
        } catch {
            return HealthPart(part: name, ok: false, detail: Problem(error)?.detail ?? "it failed")
        }
    }
}

/// How one part of the system is.
private struct HealthPart: Encodable, Sendable {
    let part: String
    let ok: Bool
    let detail: String
    var milliseconds: Double?
}
