import Testing

@testable import Inference

@Suite("Remembered answers")
struct PredictionCacheTests {
    private func answer(_ label: String) -> Classification {
        Classification(
            label: label, confidence: 0.9, top: [ClassScore(label: label, confidence: 0.9)], model: "fish",
            modelVersion: "v1", width: 1, height: 1, inferenceMilliseconds: 1,
            stages: .init(decoding: .zero, preparing: .zero, inference: .zero))
    }

    private func key(_ byte: UInt8, version: String = "v1") -> PredictionCache.Key {
        PredictionCache.Key(content: ContentHash([byte]), model: "fish", version: version)
    }

    @Test("an answer belongs to a picture and a version")
    func keys() {
        let cache = PredictionCache(bytesMax: 10_000, lifetime: .seconds(60))
        cache.keep(answer("trout"), for: key(1))
        #expect(cache.answer(for: key(1))?.label == "trout")
        #expect(cache.answer(for: key(2)) == nil)
        #expect(cache.answer(for: key(1, version: "v2")) == nil)
    }

    @Test("an answer is forgotten after its lifetime")
    func lifetime() {
        let cache = PredictionCache(bytesMax: 10_000, lifetime: .seconds(60))
        let start = ContinuousClock.now
        cache.keep(answer("trout"), for: key(1), now: start)
        #expect(cache.answer(for: key(1), now: start + .seconds(59)) != nil)
        #expect(cache.answer(for: key(1), now: start + .seconds(60)) == nil)
        cache.keep(answer("salmon"), for: key(2), now: start + .seconds(61))
        #expect(cache.byteCount < 500)
        cache.keep(answer("salmon"), for: key(1), now: start + .seconds(61))
        #expect(cache.answer(for: key(1), now: start + .seconds(62))?.label == "salmon")
    }

    @Test("the budget holds, and the oldest go first")
    func budget() {
        let cache = PredictionCache(bytesMax: 1000, lifetime: .seconds(60))
        for byte: UInt8 in 1...5 { cache.keep(answer("trout"), for: key(byte)) }
        #expect(cache.byteCount <= 1000)
        #expect(cache.answer(for: key(5)) != nil && cache.answer(for: key(4)) != nil)
        #expect(cache.answer(for: key(1)) == nil && cache.answer(for: key(3)) == nil)
    }

    @Test("a cache without room or lifetime keeps nothing")
    func off() {
        for cache in [
            PredictionCache(bytesMax: 0, lifetime: .seconds(60)), PredictionCache(bytesMax: 1000, lifetime: .zero),
        ] {
            cache.keep(answer("trout"), for: key(1))
            #expect(cache.answer(for: key(1)) == nil && !cache.isOn)
        }
    }
}
