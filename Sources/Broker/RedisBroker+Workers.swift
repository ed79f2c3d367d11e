internal import Redis
internal import Synchronization
public import TaskQueue

/// What workers say of themselves and what they are told: a key each beside the queues' books, because a worker serves
/// many queues and a cluster has those on many nodes.
extension RedisBroker {
    /// See ``TaskBroker/send(_:to:)``.
    public func send(_ order: WorkerOrder, to workers: Set<String>) async throws(BrokerError) -> [String] {
        let known = try await self.workers().map(\.worker).filter(workers.contains)
        guard !known.isEmpty else { return [] }
        let json: [UInt8]
        do throws(PayloadError) {
            json = try PayloadCodec.encode(order)
        } catch {
            throw StoreError(.invalidRequest, "the order can't be written: \(error)")
        }
        let orders = known.map(books.keys.orders)
        do throws(RedisError) {
            let commands = orders.flatMap { key in
                [
                    RedisCommand("RPUSH", key, .bytes(json)),
                    RedisCommand("PEXPIRE", key, .integer(Self.orderAgeMax.wholeMilliseconds)),
                ]
            }
            for reply in try await books.client.pipeline(commands) { _ = try reply.requireInteger() }
            _ = try await books.client.send(RedisCommand("PUBLISH", .string(books.keys.newOrders), ""))
        } catch {
            throw StoreError(error, "send an order")
        }
        return known
    }

    /// The longest lease that can be configured: who renews has asked by then.
    private static let orderAgeMax = Duration.seconds(3600)

    /// See ``TaskBroker/workers()``.
    public func workers() async throws(BrokerError) -> [WorkerStatus] {
        var workers: [String: WorkerStatus] = [:]
        for found in try await survey(directory.names(fresh: true)).flatMap(\.workers) {
            var status = workers[found.worker] ?? found
            if workers[found.worker] != nil { status.holding += found.holding }
            status.leaseExpiresAt = max(status.leaseExpiresAt, found.leaseExpiresAt)
            workers[found.worker] = status
        }
        return try await reported(workers.values.sorted { $0.worker < $1.worker })
    }

    /// Adds what each worker said last.
    private func reported(_ workers: [WorkerStatus]) async throws(BrokerError) -> [WorkerStatus] {
        do throws(RedisError) {
            let replies = try await books.client.pipeline(
                workers.map { RedisCommand("GET", books.keys.report(of: $0.worker)) })
            return zip(workers, replies).map { worker, reply in
                var worker = worker
                worker.report = reply.bytes.flatMap { try? PayloadCodec.decode(WorkerReport.self, from: $0) }
                return worker
            }
        } catch {
            throw StoreError(error, "read workers' reports")
        }
    }

    /// Fetches orders if any were given since the worker last asked; most exchanges only compare two numbers.
    func fetchNewOrders(for lease: WorkerLease) async throws(BrokerError) {
        let count = wakeUps.orders
        guard leases.withLock({ $0[lease.worker]?.shouldAsk(orders: count) ?? false }) else { return }
        try await tell(nil, of: lease)
    }

    /// Keeps a worker's report, and fetches its orders into the lease's book.
    func tell(_ report: WorkerReport?, of lease: WorkerLease) async throws(BrokerError) {
        // A report outlives its lease for as long as a worker may be late; a dead one's is removed by the sweep.
        let retention = max(lease.duration * 3, .seconds(30))
        do throws(RedisError) {
            let reply = try await books.client.evaluate(
                BrokerScript.report, keys: [books.keys.report(of: lease.worker), books.keys.orders(of: lease.worker)],
                arguments: [
                    .bytes(report.flatMap { try? PayloadCodec.encode($0) } ?? []),
                    .integer(retention.wholeMilliseconds),
                ])
            let orders = try reply.requireArray().compactMap { order in
                order.bytes.flatMap { try? PayloadCodec.decode(WorkerOrder.self, from: $0) }
            }
            leases.withLock { $0[lease.worker, default: LeaseBook()].note(orders) }
        } catch {
            throw StoreError(error, "report what a worker does")
        }
    }

    /// Forgets what workers that are gone said and were told.
    func forget(_ workers: [String]) async throws(BrokerError) {
        do throws(RedisError) {
            _ = try await books.client.pipeline(
                workers.map { RedisCommand("DEL", books.keys.report(of: $0), books.keys.orders(of: $0)) })
        } catch {
            throw StoreError(error, "forget a worker")
        }
    }
}
