public import Blocking
import FoundationEssentials
public import Inference
public import TaskQueue

/// `predict_image`: says what is in a picture.
///
/// What is already queued is taken together, a few pictures at a time, and spread over the cores picture by picture: one
/// thread a picture. Nothing waits for company, because a processor gains nothing by it.
public struct PredictImage: BatchTaskHandler {
    /// A picture, inline or by reference.
    public struct Input: Codable, Sendable {
        /// A JPEG, PNG or WebP file in base64.
        public var image: String?
        /// The older name of `image`.
        public var imageBase64: String?
        /// Where the picture is: `file:` or `https:`, below an allowed prefix.
        public var imageURL: String?
        /// The model's version, or `latest`; if absent the model's plan decides.
        public var modelVersion: String?
        /// Where the plan splits, tasks of the same key get the same version; the picture is the key if absent.
        public var splitKey: String?
        /// How many labels to return, from 1 to 100; 3 if absent.
        public var topK: Int?

        private enum CodingKeys: String, CodingKey {
            case image
            case imageBase64 = "image_base64"
            case imageURL = "image_url"
            case modelVersion = "model_version"
            case splitKey = "split_key"
            case topK = "top_k"
        }

        /// Describes a picture given inline.
        public init(image: [UInt8], modelVersion: String? = nil, splitKey: String? = nil, topK: Int? = nil) {
            self.image = Data(image).base64EncodedString()
            self.modelVersion = modelVersion
            self.splitKey = splitKey
            self.topK = topK
        }

        /// Reads the input; exactly one picture must be given.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            image = try container.decodeIfPresent(String.self, forKey: .image)
            imageBase64 = try container.decodeIfPresent(String.self, forKey: .imageBase64)
            imageURL = try container.decodeIfPresent(String.self, forKey: .imageURL)
            modelVersion = try container.decodeIfPresent(String.self, forKey: .modelVersion)
            splitKey = try container.decodeIfPresent(String.self, forKey: .splitKey)
            topK = try container.decodeIfPresent(Int.self, forKey: .topK)
            guard [image, imageBase64, imageURL].count(where: { $0 != nil }) == 1 else {
                throw PayloadError(field: "image", problem: "or 'image_url' must be given, and only one of them")
            }
            guard (1...Predictor.topMax).contains(topK ?? 1) else {
                throw PayloadError(field: "top_k", problem: "must be from 1 to 100")
            }
        }
    }

    /// What is in the picture.
    public struct Output: Codable, Sendable {
        /// The most likely label.
        public var label: String
        /// How sure the model is, from 0 to 1.
        public var confidence: Double
        /// The most likely labels, best first.
        public var top: [ClassScore]
        /// The model's name.
        public var model: String
        /// The model's version.
        public var modelVersion: String
        /// The picture's width in pixels.
        public var width: Int
        /// The picture's height in pixels.
        public var height: Int
        /// How long decoding, resizing and the model took.
        public var inferenceMilliseconds: Double
        /// Whether the answer was remembered from an earlier task.
        public var cached: Bool

        private enum CodingKeys: String, CodingKey {
            case label, confidence, top, model, width, height, cached
            case modelVersion = "model_version"
            case inferenceMilliseconds = "inference_ms"
        }

        /// Tells of an answer.
        public init(_ prediction: Predictor.Prediction) {
            let answer = prediction.answer
            (label, confidence, top) = (answer.label, answer.confidence, answer.top)
            (model, modelVersion) = (answer.model, answer.modelVersion)
            (width, height) = (answer.width, answer.height)
            inferenceMilliseconds = (answer.inferenceMilliseconds * 1000).rounded() / 1000
            cached = prediction.cached
        }
    }

    /// `predict_image`.
    public static let name = "predict_image"
    /// A minute for all pictures that are taken together; the arithmetic goes to the handler's own threads.
    public static let policy = TaskPolicy(softTimeLimit: .seconds(60))
    /// More would only delay the first.
    public static let batchSizeMax = 4

    private let predictor: Predictor
    private let source: ImageSource
    private let pool: BlockingPool

    /// Makes the handler.
    /// - Parameters:
    ///   - predictor: Answers.
    ///   - source: Where pictures come from.
    ///   - pool: Where they are computed, a picture a thread; as many threads as cores keep the machine busy.
    public init(predictor: Predictor, source: ImageSource, pool: BlockingPool) {
        self.predictor = predictor
        self.source = source
        self.pool = pool
    }

    /// Fetches, decodes and classifies the pictures, each with an outcome of its own.
    public func run(_ inputs: [Input], _ context: BatchContext) async -> [Result<Output, any Error>] {
        let tasks = zip(inputs, context.items).map { input, item in
            Task(executorPreference: pool) { try await output(for: input, item) }
        }
        return await withTaskCancellationHandler {
            var results: [Result<Output, any Error>] = []
            for task in tasks { results.append(await task.result) }
            return results
        } onCancel: {
            for task in tasks { task.cancel() }
        }
    }

    /// Runs on the pool: what blocks here keeps nobody else from running.
    private func output(for input: Input, _ context: TaskContext) async throws -> Output {
        let bytes = try await source.bytes(of: input)
        try context.checkCancellation()
        context.report(0.3, "classifying")
        let prediction = try predictor.predict(
            bytes, version: input.modelVersion, key: input.splitKey, topK: input.topK ?? 3, limits: source.limits)
        return Output(prediction)
    }

    /// A bad picture stays bad; a missing model may be on its way.
    public func decide(_ error: any Error) -> RetryDecision {
        switch error {
        case let error as InferenceError: Self.decide(error.code)
        case let error as any RetryDeciding: error.retryDecision
        default: .backOff
        }
    }

    private static func decide(_ code: InferenceError.Code) -> RetryDecision {
        switch code {
        case .unsupportedFormat, .imageTooLarge, .imageCorrupt, .invalidArgument, .shapeMismatch: .giveUp
        case .modelMissing, .modelCorrupt, .modelTooLarge, .unsupportedOperator: .backOff
        }
    }
}
