import Synchronization

/// The versions that are in memory: each loaded once however many ask, the least recently used let go over the budget.
final class ModelShelf: Sendable {
    /// A version's place; its lock is held while it is loaded, so that others go on with theirs.
    private final class Place: Sendable {
        enum Content {
            case empty
            case ready(ImageClassifier)
            case failed(InferenceError, at: ContinuousClock.Instant)
        }

        let content = Mutex(Content.empty)
    }

    private struct Entry {
        let place: Place
        var lastUse: UInt64
        /// Zero until it is loaded.
        var bytes = 0
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var uses: UInt64 = 0
    }

    /// A version that failed is tried again after this long, so that tasks do not read a damaged file each.
    private static let retryAfter = Duration.seconds(5)

    private let bytesMax: Int
    private let state = Mutex(State())

    init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    /// Bytes of all that is loaded.
    var byteCount: Int { state.withLock { $0.entries.values.reduce(0) { $0 + $1.bytes } } }
    /// How many versions are loaded.
    var count: Int { state.withLock { $0.entries.values.count { $0.bytes > 0 } } }

    /// The classifier under a key; `load` makes it, `evicted` hears of those that had to go.
    func classifier(
        _ key: String, load: () throws(InferenceError) -> ImageClassifier, evicted: (ImageClassifier) -> Void
    ) throws(InferenceError) -> ImageClassifier {
        let place = state.withLock { state in
            state.uses += 1
            let place = state.entries[key]?.place ?? Place()
            state.entries[key, default: Entry(place: place, lastUse: 0)].lastUse = state.uses
            return place
        }
        var isNew = false
        let result = place.content.withLock { content -> Result<ImageClassifier, InferenceError> in
            switch content {
            case .ready(let classifier): return .success(classifier)
            case .failed(let error, let at) where .now - at < Self.retryAfter:
                return .failure(error)
            case .empty, .failed: break
            }
            do throws(InferenceError) {
                let classifier = try self.fitting(try load())
                content = .ready(classifier)
                isNew = true
                return .success(classifier)
            } catch {
                content = .failed(error, at: .now)
                return .failure(error)
            }
        }
        switch result {
        case .success(let classifier): if isNew { account(key, classifier).forEach(evicted) }
        case .failure(let error): if error.code == .modelMissing || error.code == .invalidArgument { forget(key) }
        }
        return try result.get()
    }

    /// Versions that do not exist are as many as anyone cares to ask for.
    private func forget(_ key: String) {
        state.withLock { state in
            if state.entries[key]?.bytes == 0 { state.entries[key] = nil }
        }
    }

    private func fitting(_ classifier: ImageClassifier) throws(InferenceError) -> ImageClassifier {
        guard classifier.byteCount <= bytesMax else {
            throw InferenceError(
                .modelTooLarge, what: "The model does not fit into memory",
                place: "\(classifier.model)/\(classifier.modelVersion)",
                cause: "it needs about \(classifier.byteCount) bytes and all models together may have \(bytesMax)",
                remedy: "Raise models.memory_bytes_max or take a smaller model")
        }
        return classifier
    }

    /// Notes what a new classifier takes and removes the least recently used until all fit.
    ///
    /// Runs that go on with a removed one keep it alive until they end.
    private func account(_ key: String, _ classifier: ImageClassifier) -> [ImageClassifier] {
        let gone = state.withLock { state -> [Place] in
            state.entries[key]?.bytes = classifier.byteCount
            var gone: [Place] = []
            while state.entries.values.reduce(0, { $0 + $1.bytes }) > bytesMax {
                let others = state.entries.filter { $0.key != key && $0.value.bytes > 0 }
                guard let oldest = others.min(by: { $0.value.lastUse < $1.value.lastUse }) else { break }
                gone.append(oldest.value.place)
                state.entries[oldest.key] = nil
            }
            return gone
        }
        return gone.compactMap { place in
            place.content.withLock { if case .ready(let classifier) = $0 { classifier } else { nil } }
        }
    }
}
