import Metrics
public import Monitoring

/// The process's metrics.
public enum Telemetry {
    /// What swift-metrics counts in this process from the first use on; made once, as swift-metrics demands.
    public static let registry: PrometheusRegistry = {
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        return registry
    }()
}
