import AsyncHTTPClient
public import Logging
public import OTLP
import Tracing

/// Where spans go.
public enum SpanExport {
    /// Sends the process's spans to a collector, if one is named; call it at most once, before anything traces.
    /// - Returns: The service that sends; nil if none is named.
    public static func start(_ endpoint: String?, service: String, _ logger: Logger) -> OTLPExporter? {
        guard let endpoint else { return nil }
        let exporter = OTLPExporter(endpoint: endpoint, service: service, http: .shared, logger: logger)
        InstrumentationSystem.bootstrap(OTLPTracer(exporter))
        return exporter
    }
}
