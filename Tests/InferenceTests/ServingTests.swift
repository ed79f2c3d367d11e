import FoundationEssentials
import Synchronization
import Testing

@testable import Inference

@Suite("Serving")
struct ServingTests {
    /// What a registry reported, as short words.
    private final class Events: Sendable {
        private let list = Mutex<[String]>([])
        var all: [String] { list.withLock { $0 } }

        func add(_ event: ModelEvent) {
            let text =
                switch event {
                case .loaded(_, let version, _, _): "loaded \(version)"
                case .failed(_, let version, let error): "failed \(version) \(error.code)"
                case .evicted(_, let version): "evicted \(version)"
                case .planChanged(_, let latest): "latest \(latest ?? "none")"
                case .planRefused: "refused"
                }
            list.withLock { $0.append(text) }
        }
    }

    private func registry(
        _ folder: borrowing ModelsInFolder, bytesMax: Int = 1 << 30, _ events: Events = Events()
    ) -> ModelRegistry {
        ModelRegistry(folder: folder.path, bytesMax: bytesMax, freshness: .zero) { events.add($0) }
    }

    @Test("a version that appears answers from then on, and the plan rolls it back")
    func hotReload() throws {
        let folder = try ModelsInFolder(versions: ["v1"])
        let events = Events()
        let registry = registry(folder, events)
        #expect(try registry.classifier("fish").modelVersion == "v1")
        try folder.add("v2")
        #expect(try registry.classifier("fish").modelVersion == "v2")
        #expect(try registry.classifier("fish", version: "v1").modelVersion == "v1")
        try folder.serve(#"{"latest":"v1"}"#)
        #expect(try registry.classifier("fish").modelVersion == "v1")
        #expect(try registry.classifier("fish", version: "latest").modelVersion == "v1")
        try folder.serve(nil)
        #expect(try registry.classifier("fish").modelVersion == "v2")
        #expect(events.all == ["loaded v1", "latest v2", "loaded v2", "latest v1", "latest v2"])
    }

    @Test("a split sends each key to one version, in the proportion of the shares")
    func split() throws {
        let folder = try ModelsInFolder(versions: ["v1", "v2"])
        try folder.serve(#"{"split":{"v1":0.8,"v2":0.2}}"#)
        let registry = registry(folder)
        #expect(try registry.classifier("fish", version: "v1", key: "a").modelVersion == "v1")
        #expect(try registry.classifier("fish", version: "latest", key: "a").modelVersion == "v2")
        var versions: [String: Int] = [:]
        for key in 0..<300 {
            let version = try registry.classifier("fish", key: "tank \(key)").modelVersion
            #expect(try registry.classifier("fish", key: "tank \(key)").modelVersion == version)
            versions[version, default: 0] += 1
        }
        #expect(versions["v1", default: 0] > versions["v2", default: 0] && versions["v2", default: 0] > 0)
    }

    @Test("over 10,000 keys the counts are within 2 % of the shares, and a changed share moves only its part")
    func shares() throws {
        let before = ServingPlan(split: ["v1": 0.5, "v2": 0.3, "v10": 0.2])
        let after = ServingPlan(split: ["v1": 0.4, "v2": 0.4, "v10": 0.2])
        var counts: [String: Int] = [:]
        var moved = 0
        for key in 0..<10_000 {
            let version = try #require(before.version(for: "\(key)", of: "fish"))
            counts[version, default: 0] += 1
            if version != after.version(for: "\(key)", of: "fish") { moved += 1 }
        }
        for (version, share) in before.split ?? [:] {
            #expect(abs(Double(counts[version] ?? 0) / 10_000 - share) < 0.02)
        }
        #expect(abs(moved - 1000) < 200)
    }

    @Test("a version without a share is never chosen")
    func noShare() {
        let plan = ServingPlan(split: ["v1": 0, "v2": 3])
        #expect((0..<1000).allSatisfy { plan.version(for: "\($0)", of: "fish") == "v2" })
        #expect(ServingPlan(latest: "v1").version(for: "a", of: "fish") == nil)
    }

    @Test("while a new version is damaged the one before goes on answering, and who insists on it gets the error")
    func damagedVersion() throws {
        let folder = try ModelsInFolder(versions: ["v1"])
        let events = Events()
        let registry = registry(folder, events)
        #expect(try registry.classifier("fish").modelVersion == "v1")
        try folder.add("v2") { model, _ in model.removeLast(100) }
        for _ in 0..<3 { #expect(try registry.classifier("fish").modelVersion == "v1") }
        let error = #expect(throws: InferenceError.self) { try registry.classifier("fish", version: "v2") }
        #expect(error?.code == .modelCorrupt)
        #expect(events.all == ["loaded v1", "latest v2", "failed v2 modelCorrupt"])
    }

    @Test(
        "a plan that makes no sense leaves the one before in force",
        arguments: [
            "{", #"{"latest":"v9"}"#, #"{"split":{"v9":1}}"#, #"{"split":{"v1":-1}}"#, #"{"split":{}}"#,
            #"{"split":{"v1":0}}"#, #"{"latest":1}"#,
        ])
    func badPlan(text: String) throws {
        let folder = try ModelsInFolder(versions: ["v1", "v2"])
        let events = Events()
        let registry = registry(folder, events)
        try folder.serve(#"{"latest":"v1"}"#)
        #expect(try registry.classifier("fish").modelVersion == "v1")
        try folder.serve(text)
        #expect(try registry.classifier("fish").modelVersion == "v1")
        #expect(events.all == ["loaded v1", "refused"])
        let error = #expect(throws: InferenceError.self) { try self.registry(folder).classifier("fish") }
        #expect(error?.code == .modelCorrupt && error?.message.contains("serving.json") == true)
    }

    @Test("over the memory budget the least recently used version is let go, and loaded again when asked for")
    func eviction() throws {
        let folder = try ModelsInFolder(versions: ["v1", "v2", "v3"])
        let size = try ModelRegistry(folder: folder.path).classifier("fish", version: "v1").byteCount
        let events = Events()
        let registry = registry(folder, bytesMax: size * 5 / 2, events)
        for version in ["v1", "v2", "v1", "v3", "v1", "v2"] {
            #expect(try registry.classifier("fish", version: version).modelVersion == version)
            #expect(registry.byteCount <= size * 5 / 2)
        }
        #expect(registry.count == 2)
        let wanted = ["loaded v1", "loaded v2", "loaded v3", "evicted v2", "loaded v2", "evicted v3"]
        #expect(events.all == wanted)
    }

    @Test("versions are described by their manifests, a damaged one with what is wrong, and none is loaded")
    func descriptions() throws {
        let folder = try ModelsInFolder(versions: ["v1"])
        try folder.add("v2") { _, manifest in manifest = manifest.replacing("\"labels\"", with: "\"lables\"") }
        try folder.add("v3") { model, _ in model.removeLast(100) }
        let events = Events()
        let registry = registry(folder, events)
        let found = try registry.versions(of: "fish").map { version throws(InferenceError) in
            try registry.description(of: "fish", version: version)
        }
        #expect(found.map(\.version) == ["v1", "v2", "v3"] && found.allSatisfy { $0.model == "fish" })
        #expect(found.map(\.labels.count) == [6, 0, 6])
        #expect(found.map { $0.flaw?.code } == [nil, .modelCorrupt, nil])
        #expect(try registry.description(of: "fish", version: "latest").version == "v3")
        let error = #expect(throws: InferenceError.self) { try registry.description(of: "fish", version: "v4") }
        #expect(error?.code == .modelMissing)
        #expect(registry.count == 0 && registry.byteCount == 0 && events.all.isEmpty)
    }

    @Test("a model larger than the whole budget is refused")
    func tooLarge() throws {
        let folder = try ModelsInFolder(versions: ["v1"])
        let registry = registry(folder, bytesMax: 100_000)
        let error = #expect(throws: InferenceError.self) { try registry.classifier("fish") }
        #expect(error?.code == .modelTooLarge)
    }

    @Test("a network that ends in logits gives probabilities when its manifest says so")
    func logits() throws {
        let folder = try ModelsInFolder(versions: [])
        try folder.add("v1") { _, manifest in
            manifest = manifest.replacing("\"opset\"", with: "\"output\": \"logits\", \"opset\"")
        }
        let picture = try Repository.bytes("\(Repository.models)/fish/samples/seabream.jpg")
        let answer = try registry(folder).classifier("fish").classify(picture, topK: 6)
        #expect(answer.label == "seabream")
        #expect(abs(answer.top.reduce(0) { $0 + $1.confidence } - 1) < 1e-5)
        // Softmax of probabilities, between 1 and e apart.
        #expect(answer.confidence < 0.36)
    }

    @Test("layouts and channel orders other than the model's give other answers or none")
    func layouts() throws {
        let folder = try ModelsInFolder(versions: [])
        try folder.add("v1") { _, manifest in manifest = manifest.replacing("NCHW", with: "NHWC") }
        let error = #expect(throws: InferenceError.self) { try registry(folder).classifier("fish") }
        #expect(error?.code == .modelCorrupt)
        try folder.add("v2") { _, manifest in manifest = manifest.replacing("RGB", with: "BGR") }
        let picture = try Repository.bytes("\(Repository.models)/fish/samples/seabream.jpg")
        let swapped = try registry(folder).classifier("fish").classify(picture, topK: 6)
        let usual = try ModelRegistry(folder: Repository.models).classifier("fish").classify(picture, topK: 6)
        #expect(swapped.top != usual.top)
    }
}
