import NIOCore
import Postgres
import Redis
import TaskQueue
import TestSupport
import Testing

@Suite("Workers whose PostgreSQL is in trouble", .serialized, .timeLimit(.minutes(4)))
struct OutageTests {
    @Test(
        "lose nothing and double nothing when it is restarted, or killed, in the middle of batches",
        arguments: [true, false])
    func restarted(_ isPolite: Bool) async throws {
        let server = try await PostgresServer.start()
        let drill = try await ResultDrill(server.url)
        try await drill.survive(isPolite ? "restart of PostgreSQL" : "crash of PostgreSQL") { worker in
            for _ in 0..<3 {
                if isPolite { await server.stop() } else { await server.kill() }
                try await eventually("the worker has noticed") { drill.isStuck(worker) }
                // It goes on trading with its broker, so it counts as alive.
                #expect(worker.health.deathSentence == nil)
                try await server.restart()
                try await eventually("it works again") { worker.health.resultTrouble == nil }
            }
        }
    }

    @Test("lose nothing when their connections are ended again and again")
    func terminated() async throws {
        let server = try await PostgresServer.start()
        let drill = try await ResultDrill(server.url)
        try await drill.survive("pg_terminate_backend, 50 times") { _ in
            let before = drill.started
            for _ in 0..<50 {
                try await server.sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'taskqueue'")
            }
            #expect(drill.started >= before)
        }
    }

    @Test("wait while it may only be read")
    func readOnly() async throws {
        let server = try await PostgresServer.start()
        let drill = try await ResultDrill(server.url)
        try await drill.survive("read-only PostgreSQL") { worker in
            try await server.sql("ALTER SYSTEM SET default_transaction_read_only = on")
            try await server.sql("SELECT pg_reload_conf()")
            try await eventually("the worker has noticed") { worker.health.resultTrouble?.code == .readOnly }
            try await server.sql("ALTER SYSTEM SET default_transaction_read_only = off")
            try await server.sql("SELECT pg_reload_conf()")
        }
    }

    @Test("try again after statement_timeout, with fewer records at a time")
    func statementTimeout() async throws {
        let server = try await PostgresServer.start()
        let drill = try await ResultDrill(server.url)
        try await server.sql("ALTER SYSTEM SET statement_timeout = '500ms'")
        try await server.sql("SELECT pg_reload_conf()")
        try await drill.survive("statement_timeout behind a lock") { worker in
            let blocker = try PostgresConnection(PostgresConfiguration(uri: server.url))
            try blocker.script("SET statement_timeout = 0; BEGIN; LOCK TABLE taskqueue_results IN EXCLUSIVE MODE")
            try await eventually("the worker has noticed") { worker.health.resultTrouble?.code == .busy }
            try blocker.script("COMMIT")
        }
    }

    @Test("wait while all of its connections are taken")
    func connectionLimit() async throws {
        let server = try await PostgresServer.start("max_connections = 8", "superuser_reserved_connections = 0")
        let drill = try await ResultDrill(server.url)
        try await drill.survive("connection limit reached") { worker in
            var others: [PostgresConnection] = []
            // Whoever has a connection loses it to those who take them all.
            while worker.health.resultTrouble == nil {
                try? others.first?.script(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'taskqueue'")
                var greedy = try PostgresConfiguration(uri: server.url)
                greedy.applicationName = "greedy"
                if let another = try? PostgresConnection(greedy) { others.append(another) }
                try await Task.sleep(for: .milliseconds(1))
            }
            withExtendedLifetime(others) {}
        }
    }

    @Test(
        "lose nothing when the network delays, swallows, cuts or refuses",
        arguments: [
            ("slow", FaultProxy.Mode.delay(.milliseconds(150))), ("black hole", .blackHole), ("resets", .reset),
            ("refused connections", .refuse),
        ])
    func network(_ name: String, _ mode: FaultProxy.Mode) async throws {
        let server = try await PostgresServer.start()
        let proxy = try await FaultProxy.start(for: RedisAddress(host: "127.0.0.1", port: server.port))
        let drill = try await ResultDrill("postgres://tester@127.0.0.1:\(proxy.port)/postgres")
        try await drill.survive("\(name) network to PostgreSQL") { worker in
            try await proxy.set(mode)
            if case .delay = mode {
                let before = drill.started
                try await eventually("work goes on, slower") { drill.started > before + 500 }
            } else {
                try await eventually("the worker has noticed") { drill.isStuck(worker) }
            }
            try await proxy.set(.pass)
        }
    }

    @Test("wait while its disk is full")
    func diskFull() async throws {
        let server = try await PostgresServer.start(smallDisk: "48m")
        let drill = try await ResultDrill(server.url)
        try await server.sql("CREATE TABLE filler (text text)")
        try await drill.survive("full disk under PostgreSQL") { worker in
            let filling = try PostgresConnection(PostgresConfiguration(uri: server.url))
            var rows = 1000
            while worker.health.resultTrouble?.code != .full {
                // Less and less, until not even a page is left; then those it has are filled by the worker.
                let insert =
                    "INSERT INTO filler SELECT repeat(md5(random()::text), 30) FROM generate_series(1, \(rows))"
                if (try? filling.script(insert)) == nil { rows = max(rows / 2, 1) }
            }
            try filling.script("DROP TABLE filler")
        }
    }

    @Test("go on with the standby once it is promoted")
    func failOver() async throws {
        let primary = try await PostgresServer.start()
        let standby = try await PostgresServer.startStandby(of: primary)
        let drill = try await ResultDrill(
            "postgres://tester@127.0.0.1:\(primary.port),127.0.0.1:\(standby.port)/postgres")
        // What is recorded is then in two places, as who fails over must have it.
        try await primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
        try await primary.sql("SELECT pg_reload_conf()")
        try await eventually("the standby keeps up") {
            try await primary.sql("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1"
        }
        try await drill.survive("fail-over to a standby") { worker in
            await primary.kill()
            try await eventually("the worker has noticed") { drill.isStuck(worker) }
            try await standby.promote()
        }
    }
}
