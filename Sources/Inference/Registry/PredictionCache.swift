import Crypto
import DequeModule
import Synchronization

/// Answers to pictures that were seen before, by their bytes and the version that answered.
///
/// The oldest go first, by age and when the budget of bytes is full.
public final class PredictionCache: Sendable {
    /// What an answer belongs to.
    public struct Key: Hashable, Sendable {
        /// The picture.
        public let content: ContentHash
        /// The model.
        public let model: String
        /// Its version.
        public let version: String

        /// Names an answer.
        public init(content: ContentHash, model: String, version: String) {
            self.content = content
            self.model = model
            self.version = version
        }
    }

    private struct Entry {
        let answer: Classification
        let keptAt: ContinuousClock.Instant
        let bytes: Int
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        /// The keys as they came.
        var order: Deque<Key> = []
        var bytes = 0

        mutating func removeOldest() {
            guard let key = order.popFirst(), let entry = entries.removeValue(forKey: key) else { return }
            bytes -= entry.bytes
        }
    }

    private let bytesMax: Int
    private let lifetime: Duration
    private let state = Mutex(State())

    /// An empty cache; one of zero bytes or no lifetime keeps nothing.
    public init(bytesMax: Int, lifetime: Duration) {
        self.bytesMax = bytesMax
        self.lifetime = lifetime
    }

    /// Whether it keeps anything at all.
    public var isOn: Bool { bytesMax > 0 && lifetime > .zero }
    /// About the bytes of what is kept.
    public var byteCount: Int { state.withLock { $0.bytes } }

    /// The answer, if it is kept and not too old.
    public func answer(for key: Key, now: ContinuousClock.Instant = .now) -> Classification? {
        state.withLock { state in
            guard let entry = state.entries[key], now - entry.keptAt < lifetime else { return nil }
            return entry.answer
        }
    }

    /// Keeps an answer in place of older ones.
    public func keep(_ answer: Classification, for key: Key, now: ContinuousClock.Instant = .now) {
        let bytes = Self.size(of: answer)
        guard isOn, bytes <= bytesMax else { return }
        state.withLock { state in
            while let oldest = state.order.first, let entry = state.entries[oldest], now - entry.keptAt >= lifetime {
                state.removeOldest()
            }
            guard state.entries[key] == nil else { return }
            while state.bytes + bytes > bytesMax { state.removeOldest() }
            state.entries[key] = Entry(answer: answer, keptAt: now, bytes: bytes)
            state.order.append(key)
            state.bytes += bytes
        }
    }

    /// About what an entry takes: two keys, the numbers, and the labels.
    private static func size(of answer: Classification) -> Int {
        answer.top.reduce(400) { $0 + $1.label.utf8.count + 24 }
    }
}
