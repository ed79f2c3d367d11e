import AsyncHTTPClient
import Foundation
import Inference
import TaskQueue
import Tasks
import TestSupport
import Testing

@Suite("Predicting", .timeLimit(.minutes(2)))
struct PredictImageTests {
    private static let trout = "models/fish/samples/trout-1000px.jpg"
    private static let fixtures = "Tests/InferenceTests/Fixtures"

    private func withPredictor(
        models: String = Repository.models, prefixes: [String] = [], limits: ImageLimits = ImageLimits(),
        _ body: (Workshop) async throws -> Void
    ) async throws {
        let workshop = try await Workshop()
        try await withHTTP { http in
            var registry = TaskRegistry()
            let source = ImageSource(allowedPrefixes: prefixes, http: http, limits: limits)
            registry.register(batch: PredictImage(models: models, source: source))
            try await workshop.run(registry) { try await body(workshop) }
        }
    }

    /// A task that fails at its first attempt and is not tried again.
    private func refusal(_ workshop: Workshop, _ json: String) async throws -> String {
        let record = try await workshop.outcome(PredictImage.name, json: json)
        #expect(record.state == .failure && record.attempt == 1)
        let message = record.failure?.message ?? ""
        #expect(!message.isEmpty && message.count < 400 && !message.contains("\n"))
        return message
    }

    private func inline(_ bytes: [UInt8]) -> String {
        #"{"image":"\#(Data(bytes).base64EncodedString())"}"#
    }

    @Test("a picture below an allowed folder is recognised")
    func fromFile() async throws {
        let folder = "file:\(Repository.models)/fish/samples"
        try await withPredictor(prefixes: [folder]) { workshop in
            let record = try await workshop.outcome(
                PredictImage.name, json: #"{"image_url":"\#(folder)/trout-1000px.jpg"}"#)
            #expect(try record.output(PredictImage.Output.self).label == "trout")
        }
    }

    @Test(
        "a damaged picture, a bomb and a wrong type are refused at once", arguments: ["cut", "bomb", "webp", "empty"])
    func badPictures(_ kind: String) async throws {
        let (bytes, code): ([UInt8], String) =
            switch kind {
            case "cut": (Array(try Repository.bytes(Self.trout).prefix(9000)), "imageCorrupt")
            case "bomb": (try Repository.bytes("\(Self.fixtures)/bomb.png"), "imageTooLarge")
            case "webp": (try Repository.bytes("\(Self.fixtures)/animated.webp"), "unsupportedFormat")
            default: ([], "unsupportedFormat")
            }
        try await withPredictor { workshop in
            let message = try await refusal(workshop, inline(bytes))
            #expect(message.hasPrefix("\(code): "))
        }
    }

    @Test(
        "input that makes no sense is refused at once with the field named",
        arguments: [
            ("{}", "field 'image'"), (#"{"image":"%%%"}"#, "field 'image' is not base64"),
            (#"{"image":5}"#, "field 'image' is not a string"),
            (#"{"image":"","image_url":"file:/x"}"#, "field 'image'"),
            (#"{"image":"","top_k":1.5}"#, "the input holds a value that does not fit"),
            (#"{"image":"","top_k":0}"#, "field 'top_k'"), (#"{"image":"","top_k":"3"}"#, "field 'top_k'"),
            (#"{"image":"","model_version":1}"#, "field 'model_version' is not a string"),
        ])
    func badInput(_ json: String, _ words: String) async throws {
        try await withPredictor { workshop in
            let message = try await refusal(workshop, json)
            #expect(message.hasPrefix(words))
        }
    }

    @Test(
        "a reference that leaves the allowed folder is refused at once",
        arguments: ["/etc/passwd", "../secret.jpg", "%2e%2e/secret.jpg", "-secret/a.jpg", ".jpg", ""])
    func escapes(_ tail: String) async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path("in-secret"), withIntermediateDirectories: true)
        try Data(try Repository.bytes(Self.trout)).write(to: URL(filePath: folder.path("in-secret/a.jpg")))
        try await withPredictor(prefixes: ["file:\(folder.path("in"))"]) { workshop in
            let reference = tail.hasPrefix("/") ? "file:\(tail)" : "file:\(folder.path("in"))\(tail)"
            let message = try await refusal(workshop, #"{"image_url":"\#(reference)"}"#)
            #expect(message.contains("not below an allowed prefix"))
        }
    }

    @Test("a file that is not there, a folder, a link, a pipe and one that is too large are refused at once")
    func unreadable() async throws {
        let folder = try TemporaryFolder()
        try Data(count: 2000).write(to: URL(filePath: folder.path("large.jpg")))
        // A link could lead out of the folder, and a pipe would keep its reader for ever.
        try FileManager.default.createSymbolicLink(atPath: folder.path("link.jpg"), withDestinationPath: "/etc/passwd")
        try #require(mkfifo(folder.path("pipe.jpg"), 0o600) == 0)
        let prefix = "file:\(folder.url.path)/"
        try await withPredictor(prefixes: [prefix], limits: ImageLimits(bytesMax: 1000)) { workshop in
            for name in ["missing.jpg", "", "link.jpg", "pipe.jpg"] {
                let message = try await refusal(workshop, #"{"image_url":"\#(prefix)\#(name)"}"#)
                #expect(message == "the file that 'image_url' names can't be read: there is no regular file")
            }
            let large = try await refusal(workshop, #"{"image_url":"\#(prefix)large.jpg"}"#)
            #expect(large == "the picture has 2000 bytes, over the limit of 1000")
        }
    }

    @Test("a missing model is waited for, and a picture is recognised once it is there")
    func missingModel() async throws {
        let folder = try TemporaryFolder()
        try await withPredictor(models: folder.url.path) { workshop in
            let picture = PredictImage.Input(image: try Repository.bytes(Self.trout))
            let receipt = try await workshop.client.enqueue(PredictImage.self, picture)
            let failure = try await workshop.bench.firstFailure(of: receipt.id)?.failure
            #expect(failure?.message.hasPrefix("modelMissing: ") == true)
            try FileManager.default.copyItem(atPath: "\(Repository.models)/fish", toPath: folder.path("fish"))
            try await workshop.bench.passTime(.seconds(700))
            #expect(try await workshop.outcome(receipt).output(PredictImage.Output.self).label == "trout")
        }
    }

    @Test("a damaged model ends in FAILURE with what to do, when no retry is left")
    func corruptModel() async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: "\(Repository.models)/fish", toPath: folder.path("fish"))
        try Data("not a model".utf8).write(to: URL(filePath: folder.path("fish/v1/model.onnx")))
        try await withPredictor(models: folder.url.path) { workshop in
            let picture = inline(try Repository.bytes(Self.trout))
            let record = try await workshop.outcome(PredictImage.name, json: picture, maxRetries: 0)
            #expect(record.state == .failure)
            #expect(record.failure?.message.hasPrefix("modelCorrupt: ") == true)
            #expect(record.failure?.message.contains("SHA-256") == true)
        }
    }
}
