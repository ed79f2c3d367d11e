import Synchronization

/// What versions of each model a folder holds and which of them answers, looked at again once what is known is old.
final class ModelCatalog: Sendable {
    /// One model as it was found.
    struct Entry: Sendable {
        /// The versions, oldest first.
        var versions: [String]
        var plan: ServingPlan

        /// What "latest" means.
        var latest: String? { plan.latest ?? versions.last }
    }

    private struct Look {
        let at: ContinuousClock.Instant
        let entry: Entry
    }

    private let folder: ModelFolder
    private let freshness: Duration
    private let report: @Sendable (ModelEvent) -> Void
    private let looks = Mutex<[String: Look]>([:])

    init(folder: ModelFolder, freshness: Duration, report: @escaping @Sendable (ModelEvent) -> Void) {
        self.folder = folder
        self.freshness = freshness
        self.report = report
    }

    /// The model as it is now, or was less than `freshness` ago.
    ///
    /// A plan that cannot be used leaves the one before it in force. Throws `modelMissing` when there is no version,
    /// and `modelCorrupt` for a plan that was never good.
    func entry(of name: String) throws(InferenceError) -> Entry {
        // Looking under the lock keeps all callers from looking at once.
        let (result, events) = looks.withLock { looks -> (Result<Entry, InferenceError>, [ModelEvent]) in
            let known = looks[name]
            if let known, .now - known.at < freshness { return (.success(known.entry), []) }
            do throws(InferenceError) {
                let entry = try folder.entry(of: name)
                looks[name] = Look(at: .now, entry: entry)
                let changed = known.map { $0.entry.latest != entry.latest || $0.entry.plan != entry.plan } ?? false
                return (.success(entry), changed ? [.planChanged(model: name, latest: entry.latest)] : [])
            } catch {
                guard let known else { return (.failure(error), []) }
                looks[name] = Look(at: .now, entry: known.entry)
                return (.success(known.entry), [.planRefused(model: name, error)])
            }
        }
        events.forEach(report)
        return try result.get()
    }
}
