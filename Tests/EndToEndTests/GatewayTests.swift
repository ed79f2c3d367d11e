import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@Suite("The gateway, as operators run it", .timeLimit(.minutes(5)), .serialized)
struct GatewayTests {
    private static let files = URL(filePath: #filePath).deletingLastPathComponent()

    private func run(_ program: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
        let result = try await Program(tool: program, arguments).run()
        return (result.status, result.output + result.errors)
    }

    @Test("a browser sees a task through on the dashboard, retries a dead one, pauses a queue")
    func dashboard() async throws {
        let script = Self.files.appending(path: "Clients/dashboard.py").path
        let folder = URL(filePath: Program.path("gateway")).deletingLastPathComponent().path
        let result = try await run("/usr/bin/python3", [script, folder])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("the dashboard showed it all"))
    }

    @Test("the README's walk-through by curl works as it is written")
    func walkThrough() async throws {
        let readme = try String(contentsOf: Program.repository.appending(path: "README.md"), encoding: .utf8)
        let section = try #require(readme.components(separatedBy: "<!-- walk-through -->").dropFirst().first)
        let commands = section.components(separatedBy: "```sh\n").dropFirst()
            .compactMap { $0.components(separatedBy: "```").first }.joined()
        #expect(commands.contains("curl"))
        let folder = try TemporaryFolder()
        let port = try FreePort.next()
        let script = folder.path("walk.sh")
        let text =
            "set -euo pipefail\n"
            + commands.replacing("127.0.0.1:8000", with: "127.0.0.1:\(port)")
            .replacing("gateway &", with: "gateway --listen 127.0.0.1:\(port) &")
        try text.write(toFile: script, atomically: true, encoding: .utf8)
        let programs = URL(filePath: Program.path("gateway")).deletingLastPathComponent().path
        let result = try await run(
            "/usr/bin/env",
            [
                "PATH=\(programs):/usr/bin:/bin", "TASKQUEUE_BROKER_URL=sqlite:\(folder.path("queue.sqlite"))",
                "TASKQUEUE_SENSORS_PATH=\(folder.path("readings.sqlite"))", "bash", "-c",
                "cd '\(Program.repository.path)' && bash '\(script)'",
            ])
        #expect(result.status == 0, "\(result.output)")
        for part in [#""status":"SUCCESS""#, #""label":"#, "event: end", #""desired_workers":"#] {
            #expect(result.output.contains(part), "\(part) in \(result.output)")
        }
    }

    @Test("a picture sent twice is answered as the task would, the second time from memory, and both are counted")
    func predictions() async throws {
        let folder = try TemporaryFolder()
        let port = try FreePort.next()
        let gateway = Program("gateway", ["--listen", "127.0.0.1:\(port)"], folder: folder.url.path)
        try gateway.start()
        let probe = Probe(port: port)
        try await eventually("it listens") { await probe.status("health") == 200 }
        for path in ["models", "models/v1"] {
            #expect(try await probe.get(path).body.contains(#""model":"fish""#))
        }
        #expect(try await !probe.get("metrics").body.contains(#"result="loaded""#))
        var answers: [String] = []
        for _ in 1...2 {
            let answer = try await run(
                "/usr/bin/curl",
                [
                    "-sf", "-H", "Content-Type: image/jpeg", "--data-binary", "@models/fish/samples/trout-1000px.jpg",
                    "http://127.0.0.1:\(port)/predict",
                ])
            answers.append(answer.output)
        }
        #expect(answers.allSatisfy { $0.contains(#""label":"trout""#) }, "\(answers)")
        #expect(answers.map { $0.contains(#""cached":true"#) } == [false, true])
        let page = try await probe.get("metrics").body
        #expect(page.contains(#"ml_prediction_cache_total{result="hit"} 1"#))
        #expect(page.contains(#"version="v1",result="loaded"} 1"#))
        #expect(gateway.terminate() == 0)
    }

    @Test("schemathesis finds no answer that its description does not promise", arguments: [false, true])
    func description(_ isAuthenticated: Bool) async throws {
        let folder = try TemporaryFolder()
        let port = try FreePort.next()
        var arguments = ["--listen", "127.0.0.1:\(port)", "--log-level", "error"]
        let folderOfRules = Self.files.appending(path: "Clients").path
        var checks = [
            "SCHEMATHESIS_HOOKS=hooks", "PYTHONPATH=\(folderOfRules)", Self.schemathesis, "--config-file",
            "\(folderOfRules)/schemathesis.toml", "run", "http://127.0.0.1:\(port)/openapi.json", "--checks", "all",
            "--max-examples", "15", "--seed", "1", "--request-timeout", "30", "--no-color",
        ]
        if isAuthenticated {
            let keys = folder.path("keys")
            let made = try await Program(
                "queuectl", ["keys", "create", "--name", "all", "--scopes", "enqueue,read,operate", "--file", keys],
                folder: folder.url.path
            ).run()
            #expect(made.status == 0)
            arguments += ["--api-keys-file", keys]
            let key = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
            checks += ["--header", "Authorization: Bearer \(key)"]
        }
        let gateway = Program(
            "gateway", arguments, folder: folder.url.path,
            environment: ["TASKQUEUE_GATEWAY_WAIT_SECONDS_MAX": "0", "TASKQUEUE_GATEWAY_STREAM_SECONDS_MAX": "0"])
        try gateway.start()
        try await eventually("it is ready") { await Probe(port: port).status("ready") == 200 }
        let result = try await run("/usr/bin/env", checks)
        #expect(result.status == 0, "\(result.output.suffix(12_000))")
        // Unknown headers go through every check but the one that wants them refused.
        let others = checks.dropFirst() + ["--exclude-checks", "negative_data_rejection"]
        let unknown = try await run("/usr/bin/env", Array(others))
        #expect(unknown.status == 0, "\(unknown.output.suffix(12_000))")
        #expect(gateway.terminate() == 0)
    }

    /// Installed by `scripts/install-packages tests`.
    private static let schemathesis = Program.repository.appending(path: ".venv/http/bin/schemathesis").path

    @Test("beyond this machine it asks for keys, and takes those that queuectl makes, also after SIGHUP")
    func keys() async throws {
        let folder = try TemporaryFolder()
        let refused = try await Program("gateway", ["--listen", "0.0.0.0:0"], folder: folder.url.path).run()
        #expect(refused.status == 64)
        #expect(refused.errors.contains("nobody would be asked who they are"))
        func create(_ name: String) async throws -> String {
            let made = try await Program(
                "queuectl", ["keys", "create", "--name", name, "--file", folder.path("keys")], folder: folder.url.path
            ).run()
            return made.output.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        let first = try await create("first")
        let port = try FreePort.next()
        let gateway = Program(
            "gateway", ["--listen", "0.0.0.0:\(port)", "--api-keys-file", folder.path("keys")],
            folder: folder.url.path)
        try gateway.start()
        try await eventually("it is ready") { await Probe(port: port).status("ready") == 200 }
        func status(_ key: String) async throws -> Int {
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/queues")
            request.headers.add(name: "authorization", value: "Bearer \(key)")
            return Int(try await HTTPClient.shared.execute(request, timeout: .seconds(30)).status.code)
        }
        #expect(try await status(first) == 200)
        let second = try await create("second")
        #expect(try await status(second) == 401)
        gateway.signal(SIGHUP)
        try await eventually("the new key is known") { try await status(second) == 200 }
        #expect(gateway.terminate() == 0)
    }

    @Test("slow heads, slow bodies, floods of headers and vast bodies are cut off, and others are served meanwhile")
    func hostileClients() async throws {
        let folder = try TemporaryFolder()
        let port = try FreePort.next()
        let gateway = Program(
            "gateway", ["--listen", "127.0.0.1:\(port)", "--log-level", "error"], folder: folder.url.path,
            environment: ["TASKQUEUE_GATEWAY_BODY_SECONDS": "1"])
        try gateway.start()
        try await eventually("it is ready") { await Probe(port: port).status("ready") == 200 }
        let script = Self.files.appending(path: "Clients/hostile.py").path
        let result = try await run("/usr/bin/python3", [script, "\(port)", "\(gateway.process.processIdentifier)"])
        #expect(result.status == 0, "\(result.output)")
        #expect(gateway.terminate() == 0)
    }

    @Test("a client that asks and never reads does not keep it from stopping")
    func deafClient() async throws {
        let folder = try TemporaryFolder()
        let port = try FreePort.next()
        let gateway = Program(
            "gateway", ["--listen", "127.0.0.1:\(port)"], folder: folder.url.path,
            environment: ["TASKQUEUE_GATEWAY_BODY_SECONDS": "1"])
        try gateway.start()
        try await eventually("it is ready") { await Probe(port: port).status("ready") == 200 }
        // More answers than the connection can hold.
        let asked = String(repeating: "GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", count: 400)
        let client = try DeafClient(port: port, asking: asked)
        try await client.heardBeginning()
        #expect(gateway.terminate() == 0)
        client.close()
    }

    @Test("speaks TLS with the certificate that the files hold now")
    func tls() async throws {
        let certificates = try await Certificates()
        let folder = try TemporaryFolder()
        let (chain, key) = (folder.path("chain.pem"), folder.path("key.pem"))
        func install(_ pair: Certificates.Pair) throws {
            try Data(contentsOf: URL(filePath: pair.key)).write(to: URL(filePath: key))
            try Data(contentsOf: URL(filePath: pair.certificate)).write(to: URL(filePath: chain))
        }
        try install(certificates.server)
        let port = try FreePort.next()
        let gateway = Program(
            "gateway", ["--listen", "127.0.0.1:\(port)", "--tls-certificate", chain, "--tls-key", key],
            folder: folder.url.path)
        try gateway.start()
        func subject() async throws -> String {
            try await run(
                "/usr/bin/env",
                [
                    "bash", "-c",
                    "openssl s_client -connect 127.0.0.1:\(port) </dev/null 2>/dev/null | grep -m1 subject || true",
                ]
            ).output
        }
        try await eventually("it shows its certificate") { try await subject().contains("server") }
        try install(certificates.wrongHost)
        try await eventually("it shows the new one") { try await subject().contains("wrong") }
        #expect(gateway.terminate() == 0)
    }
}
