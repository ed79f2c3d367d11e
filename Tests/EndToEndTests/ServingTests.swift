import Foundation
import TestSupport
import Testing

@Suite("Models in service", .timeLimit(.minutes(4)))
struct ServingTests {
    private static let pictures = Program.repository.appending(path: "models/fish/held-out")

    /// Puts the shipped model into a folder as a version of its own.
    private func publish(_ version: String, in folder: TemporaryFolder, damaged: Bool = false) throws {
        let source = Program.repository.appending(path: "models/fish/v1")
        let target = folder.path("models/fish/\(version)")
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        let model = try Data(contentsOf: source.appending(path: "model.onnx"))
        try (damaged ? model.prefix(5000) : model).write(to: URL(filePath: "\(target)/model.onnx"))
        let manifest = try String(contentsOf: source.appending(path: "manifest.json"), encoding: .utf8)
        try Data(manifest.replacing(#""v1""#, with: #""\#(version)""#).utf8)
            .write(to: URL(filePath: "\(target)/manifest.json"), options: .atomic)
    }

    private func serve(_ plan: String, in folder: TemporaryFolder) throws {
        try Data(plan.utf8).write(to: URL(filePath: folder.path("models/fish/serving.json")), options: .atomic)
    }

    /// A file of inputs: so many tasks over thirty pictures, each with a key of its own.
    private func inputs(_ count: Int, in folder: TemporaryFolder) throws -> String {
        let files = try ["salmon", "trout", "empty"].flatMap { label in
            let names = try FileManager.default.contentsOfDirectory(
                atPath: Self.pictures.appending(path: label).path)
            return names.sorted().prefix(10).map { "\(label)/\($0)" }
        }
        let lines = (0..<count).map { index in
            let file = Self.pictures.appending(path: files[index % files.count]).path
            return #"{"image_url":"file:\#(file)","split_key":"tank \#(index)"}"#
        }
        let path = folder.path("inputs.ndjson")
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: path))
        return path
    }

    /// The sum of the samples that begin so.
    private func sum(_ page: String, _ prefix: String) -> Int {
        page.split(separator: "\n").filter { $0.hasPrefix(prefix) }
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
    }

    @Test("versions are split, switched, rolled back and survive a damaged one without a failed task")
    func versions() async throws {
        let folder = try TemporaryFolder()
        for version in ["v1", "v2"] { try publish(version, in: folder) }
        try serve(#"{"split":{"v1":1,"v2":1}}"#, in: folder)
        let environment = [
            "TASKQUEUE_MODELS_FOLDER": folder.path("models"), "TASKQUEUE_MODELS_PRELOAD": "fish/v1",
            "TASKQUEUE_IMAGES_ALLOWED_PREFIXES": "file:\(Self.pictures.path)",
        ]
        let port = try FreePort.next()
        let worker = Program(
            "worker", ["--health-listen", "127.0.0.1:\(port)"], folder: folder.url.path, environment: environment)
        let probe = Probe(port: port)
        try worker.start()
        try await eventually("it is ready") { await probe.status("readyz") == 200 }
        #expect(try await probe.get("metrics").body.contains(#"version="v1",result="loaded"} 1"#))

        let batch = try inputs(260, in: folder)
        let sent = try await Program(
            "enqueue", ["predict_image", "--batch", batch], folder: folder.url.path, environment: environment
        ).run()
        #expect(sent.status == 0)
        let ended = #"taskqueue_tasks_total{task="predict_image",queue="default",state="SUCCESS"}"#
        try await eventually("all are answered") { sum(try await probe.get("metrics").body, ended) == 260 }
        let page = try await probe.get("metrics").body
        let counts = ["v1", "v2"].map { sum(page, #"ml_predictions_total{model="fish",version="\#($0)""#) }
        #expect(counts.reduce(0, +) == 260 && counts.allSatisfy { $0 > 60 })
        #expect(sum(page, #"ml_prediction_cache_total{result="miss"}"#) <= 60 + 8)
        #expect(page.contains(#"ml_model_drift{model="fish",version="#))
        #expect(page.contains(#"ml_prediction_duration_seconds_count{model="fish",version="v1",stage="infer"}"#))

        func answeredBy() async throws -> String {
            let picture = Self.pictures.appending(path: "trout/000.jpg").path
            let answer = try await Program(
                "enqueue", ["predict_image", "--set", "image_url=file:\(picture)", "--wait"],
                folder: folder.url.path, environment: environment
            ).run()
            #expect(answer.status == 0)
            return ["v1", "v2", "v3"].first { answer.output.contains(#""model_version":"\#($0)""#) } ?? answer.output
        }
        for version in ["v2", "v1"] {
            try serve(#"{"latest":"\#(version)"}"#, in: folder)
            try await eventually("\(version) answers") { try await answeredBy() == version }
        }
        try publish("v3", in: folder, damaged: true)
        try serve(#"{"latest":"v3"}"#, in: folder)
        try await eventually("the damaged version was tried") {
            #expect(try await answeredBy() == "v1")
            return try await probe.get("metrics").body.contains(#"version="v3",result="failed"}"#)
        }
        #expect(sum(try await probe.get("metrics").body, "taskqueue_retries_total") == 0)
        #expect(worker.terminate() == 0)
    }
}
