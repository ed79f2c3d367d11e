import AsyncHTTPClient
import Blocking
import Foundation
import Inference
import TaskQueue
import Tasks
import TestSupport
import Testing

/// Stores on a clock that the test moves, a client, and what the worker logged.
struct Workshop {
    let bench: Bench
    let log = LogBook()
    var client: TaskClient { bench.client }

    init(limits: BrokerLimits = BrokerLimits()) async throws {
        bench = try await DriverUnderTest.memory.make(limits: limits)
    }

    /// Runs a worker beside a test's body and drains it at the end, whatever the end is.
    func run(_ registry: TaskRegistry, _ body: () async throws -> Void) async throws {
        let worker = Worker(
            broker: bench.broker, results: bench.results, registry: registry, configuration: WorkerConfiguration(),
            logger: log.logger())
        try await worker.run(during: body)
    }

    /// Submits JSON as it is, valid or not, and waits for the task's end.
    func outcome(_ task: String, json: String, maxRetries: Int? = nil) async throws -> TaskRecord {
        var message = TaskMessage(task: task, payload: Array(json.utf8))
        message.maxRetries = maxRetries
        _ = try await client.enqueue([message])
        return try await bench.reach(message.id) { $0.state.isFinal }
    }

    func outcome<Output>(_ receipt: TaskReceipt<Output>) async throws -> TaskRecord {
        try await bench.reach(receipt.id) { $0.state.isFinal }
    }
}

extension PredictImage {
    /// The handler over a folder of models, remembering nothing unless told to.
    init(
        models: String, source: ImageSource,
        cache: PredictionCache = PredictionCache(bytesMax: 0, lifetime: .zero)
    ) {
        let predictor = Predictor(models: ModelRegistry(folder: models), cache: cache)
        self.init(predictor: predictor, source: source, pool: BlockingPool(label: "images", threads: 2))
    }
}

/// An HTTP client as the worker has one.
func withHTTP(_ body: (HTTPClient) async throws -> Void) async throws {
    try await HTTPClient.withHTTPClient(configuration: OutboundHTTP.configuration) { try await body($0) }
}

extension TaskRecord {
    /// The result, decoded.
    func output<Output: Decodable>(_ type: Output.Type) throws -> Output {
        try PayloadCodec.decode(type, from: try #require(result))
    }
}

/// Files of the repository, found from this one.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let models = root.appending(path: "models").path

    static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: root.appending(path: path)))
    }
}
