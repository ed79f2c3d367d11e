internal import Synchronization

/// The links to the nodes of a cluster, made when first needed.
final class ClusterLinks: Sendable {
    private struct State {
        var links: [RedisAddress: RedisLink] = [:]
        var isClosed = false
    }

    private let configuration: RedisConfiguration
    private let reporter: EventReporter
    private let state = Mutex(State())

    init(_ configuration: RedisConfiguration, _ reporter: EventReporter) {
        self.configuration = configuration
        self.reporter = reporter
    }

    /// The link to a node; once everything is closed, one that refuses to work.
    /// - Parameter onTrouble: Called when its connection breaks or can't be made.
    func link(to address: RedisAddress, onTrouble: @escaping @Sendable () -> Void) -> RedisLink {
        state.withLock { state in
            if let link = state.links[address] { return link }
            let link = RedisLink(configuration, FixedLocator(address: address), reporter.alsoTelling(onTrouble))
            if state.isClosed {
                link.abandon()
            } else {
                state.links[address] = link
            }
            return link
        }
    }

    /// Lets go of nodes that have left the cluster; replies that are due from them still come.
    func keepOnly(_ addresses: [RedisAddress]) {
        let retired = state.withLock { state in
            let retired = state.links.filter { !addresses.contains($0.key) }
            for address in retired.keys { state.links[address] = nil }
            return retired.values
        }
        for link in retired {
            Task { await link.close() }
        }
    }

    /// Lets replies that are due come, then closes.
    func close() async {
        await withTaskGroup { group in
            for link in takeAll() { group.addTask { await link.close() } }
        }
    }

    /// Closes without waiting.
    func abandon() {
        for link in takeAll() { link.abandon() }
    }

    private func takeAll() -> [RedisLink] {
        state.withLock { state in
            state.isClosed = true
            defer { state.links = [:] }
            return Array(state.links.values)
        }
    }
}

extension EventReporter {
    /// A reporter that also tells somebody when a connection is in trouble.
    fileprivate func alsoTelling(_ onTrouble: @escaping @Sendable () -> Void) -> EventReporter {
        let onEvent = onEvent
        return EventReporter(logger: logger) { event in
            switch event {
            case .connected: break
            case .disconnected(_, let reason) where reason.code == .closed: break
            case .disconnected, .connectFailed: onTrouble()
            }
            onEvent?(event)
        }
    }
}
