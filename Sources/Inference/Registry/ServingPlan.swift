import Crypto
import FoundationEssentials

/// Which version of a model answers, as `serving.json` beside its versions says; without one the newest does.
struct ServingPlan: Codable, Sendable, Equatable {
    /// What "latest" means; the highest version if absent.
    var latest: String?
    /// Shares of the versions among tasks that name none; `latest` takes all of them if absent.
    var split: [String: Double]?

    /// Reads and checks a plan; throws `modelCorrupt` with the reason.
    static func parse(_ data: Data, versions: [String], place: String) throws(InferenceError) -> Self {
        guard let plan = try? JSONDecoder().decode(ServingPlan.self, from: data) else {
            throw corrupt("it is not JSON of the expected form", place)
        }
        let shares = plan.split ?? [:]
        for version in shares.keys.sorted() + [plan.latest].compactMap(\.self) where !versions.contains(version) {
            throw corrupt("it names the version \(version.excerpt), which is not there", place)
        }
        guard shares.values.allSatisfy({ $0.isFinite && $0 >= 0 }),
            plan.split == nil || shares.values.contains(where: { $0 > 0 })
        else { throw corrupt("the shares in split must be numbers from zero up, and not all zero", place) }
        return plan
    }

    /// The version that answers for a key: the same for the same key, and when a share changes by so much, another
    /// for that part of the keys only; nil without a split.
    func version(for key: String, of name: String) -> String? {
        guard let split else { return nil }
        let versions = split.keys.sorted(by: ModelVersion.isOlder)
        let total = versions.reduce(0) { $0 + (split[$1] ?? 0) }
        // A cryptographic sum is the same in every process and spreads keys that differ in one letter.
        let digest = SHA256.hash(data: Data("\(name)\u{0}\(key)".utf8))
        let number = digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        var rest = Double(number >> 11) * 0x1p-53 * total
        for version in versions {
            let share = split[version] ?? 0
            if rest < share { return version }
            rest -= share
        }
        return versions.last { split[$0] ?? 0 > 0 }
    }

    private static func corrupt(_ cause: String, _ place: String) -> InferenceError {
        InferenceError(
            .modelCorrupt, what: "The serving plan cannot be used", place: place, cause: cause,
            remedy: "Correct the file; until then the plan before it stays in force")
    }
}
