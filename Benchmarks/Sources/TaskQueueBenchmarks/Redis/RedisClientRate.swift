import ArgumentParser
import Foundation
import Redis
import TaskQueue

/// The Redis library alone beside redis-benchmark: the same command, as many callers, in turns.
struct RedisClientRate: AsyncParsableCommand {
    @OptionGroup var redis: RedisConnectionOptions
    @Option var port: Int
    @Option var commands = 300_000
    @Option var rounds = 5

    private static let callers = 64
    private static let payload = String(repeating: "x", count: 100)

    func run() async throws {
        let client = try redis.client()
        for (title, pipeline) in [("awaited one by one", 1), ("in pipelines of 16", 16)] {
            let sent = commands / (Self.callers * pipeline) * Self.callers * pipeline
            var (theirs, ours) = (Figures(ofChildren: true), Figures(ofChildren: false))
            var missing: Int64 = 0
            for _ in 0..<rounds {
                try await theirs.measure(sent) { try await rival(sent, pipeline) }
                _ = try await take(client)
                try await ours.measure(sent) {
                    try await ClientLoad(client: client, callers: Self.callers)
                        .rate(sent, pipeline: pipeline, RedisCommand("LPUSH", "bench", .string(Self.payload)))
                }
                missing += Int64(sent) - (try await take(client))
            }
            say("LPUSH of 100 bytes by \(Self.callers) callers, \(title)")
            say("  redis-benchmark  \(theirs)")
            say("  this library     \(ours), \(missing) missing")
            say("  ratio            \(String(format: "%.2f", ours.rate / theirs.rate))")
        }
    }

    /// Empties the list and says how many elements it had: every command that was answered must have left one.
    private func take(_ client: RedisClient) async throws -> Int64 {
        let replies = try await client.pipeline([RedisCommand("LLEN", "bench"), RedisCommand("DEL", "bench")])
        return try replies.first?.requireInteger() ?? 0
    }

    private func rival(_ commands: Int, _ pipeline: Int) async throws -> Double {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "redis-benchmark", "-p", "\(port)", "-c", "\(Self.callers)", "-P", "\(pipeline)", "-n", "\(commands)",
            "--csv", "LPUSH", "bench", Self.payload,
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        // The last line: the command, then the rate, each in quotes.
        let fields = output.split(separator: "\n").last?.split(separator: ",") ?? []
        guard fields.count > 1, let rate = Double(fields[1].filter { $0 != "\"" }) else {
            throw StoreError(.incompatible, "redis-benchmark printed something unknown: \(output)")
        }
        return rate
    }
}
