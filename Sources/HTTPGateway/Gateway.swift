public import Hummingbird
public import Logging
public import ServiceLifecycle
public import TaskQueue

/// TaskQueue over HTTP: enqueue, status, operation and a dashboard, over any broker and result store.
///
/// Mount it in an application of your own, and run ``services`` beside it:
/// ```swift
/// let gateway = Gateway(broker: broker, results: results, registry: registry, logger: logger)
/// gateway.mount(on: router.group("queue"))
/// ```
public struct Gateway: Sendable {
    let client: TaskClient
    let broker: any TaskBroker
    let results: any ResultStore
    let registry: TaskRegistry
    let configuration: GatewayConfiguration
    let access: AccessControl
    let predictor: (any Predictor)?
    let advice: Advice?
    let metrics: (@Sendable () async -> String)?
    let logger: Logger
    let board: StatusBoard
    let overview: Overview
    let drain = Drain()
    let telemetry = HTTPTelemetry()
    let document: OpenAPIDocument
    let gate: PredictionGate

    /// Says how many workers the load of queues and workers asks for.
    public typealias Advice = @Sendable ([QueueStatus], [WorkerStatus]) -> any Encodable & Sendable

    /// Puts a gateway together.
    /// - Parameters:
    ///   - broker: Where tasks wait.
    ///   - results: Where results are kept.
    ///   - registry: The tasks whose inputs are checked; they are not run.
    ///   - schemas: What inputs look like, by task, as JSON Schema; a task without one takes anything that decodes.
    ///   - middleware: Around every submission.
    ///   - configuration: Limits.
    ///   - access: Who may do what; anyone anything unless given.
    ///   - predictor: Answers `/predict`; without one there is no such path.
    ///   - advice: Answers `/autoscale`; without it there is no such path.
    ///   - metrics: The page that `/metrics` shows; without one there is no such path.
    ///   - logger: Gets a line a request and the audit log.
    public init(
        broker: any TaskBroker, results: any ResultStore, registry: TaskRegistry, schemas: [String: JSONValue] = [:],
        middleware: [any TaskMiddleware] = [], configuration: GatewayConfiguration = GatewayConfiguration(),
        access: AccessControl = AccessControl(), predictor: (any Predictor)? = nil, advice: Advice? = nil,
        metrics: (@Sendable () async -> String)? = nil, logger: Logger
    ) {
        client = TaskClient(broker: broker, results: results, middleware: middleware)
        self.broker = broker
        self.results = results
        self.registry = registry
        self.configuration = configuration
        self.access = access
        self.predictor = predictor
        self.advice = advice
        self.metrics = metrics
        self.logger = logger
        gate = PredictionGate(most: configuration.predictionsMax)
        board = StatusBoard(broker: broker, results: results, followersMax: configuration.waitersMax, logger: logger)
        overview = Overview(client: client, broker: broker)
        document = OpenAPIDocument(
            tasks: registry.names, schemas: schemas, version: configuration.version,
            hasPredictor: predictor != nil, hasAdvice: advice != nil, hasMetrics: metrics != nil,
            hasAccess: access.isRequired)
    }

    /// What must run beside the server: it watches the tasks that someone waits for.
    public var services: [any Service] { [board, overview] }

    /// From now on `/ready` says no, and waits and streams end.
    ///
    /// Call it when a shutdown begins, before the server stops.
    public func beginDrain() {
        drain.begin()
        board.close()
        overview.close()
    }

    var routes: [Route] {
        taskRoutes + statusRoutes + operatingRoutes + healthRoutes + predictionRoutes + dashboardRoutes
    }

    /// Adds every path to a router or a group of one.
    /// - Parameter catchAll: Whether unknown paths are answered too, as the rest is; not within another application.
    public func mount<Context: RemoteAddressRequestContext>(
        on router: some RouterMethods<Context>, catchAll: Bool = false
    ) {
        for (path, routes) in Dictionary(grouping: routes, by: \.path) {
            let methods = Set(routes.map(\.method))
            for route in routes {
                register(route, on: router)
                if route.method == .get, !methods.contains(.head) { register(route.asHead, on: router) }
            }
            let allowed = methods.union(methods.contains(.get) ? [.head, .options] : [.options])
            for method in Route.methods
            where !methods.contains(method) && (!allowed.contains(method) || method == .options) {
                register(.refusing(method, path, allowed: allowed), on: router)
            }
        }
        guard catchAll else { return }
        for method in Route.methods { register(.unknown(method), on: router) }
    }

    private func register<Context: RemoteAddressRequestContext>(
        _ route: Route, on router: some RouterMethods<Context>
    ) {
        router.on(RouterPath(route.path), method: route.method) { request, context in
            await answer(request, context.parameters, from: context.remoteAddress, route)
        }
    }
}
