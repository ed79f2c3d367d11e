/// A limit on how much arithmetic one operator may cost: a hostile model must not keep a thread for hours.
enum WorkLimit {
    /// The most multiply-adds of one operator; the largest layers of common networks need about 2^33.
    static let operationsMax = 1 << 36
    /// The most places that windows may look at, pixels times taps: each costs as much as a vector of channels.
    static let lookupsMax = 1 << 29
    /// The most steps of an operator that goes from element to element without a loop of vectors.
    static let stepsMax = 1 << 29

    /// Throws when the product of the factors, each at most 2^27, is beyond the limit.
    static func check(_ factors: [Int], at place: String, most limit: Int = operationsMax) throws(InferenceError) {
        var product = 1
        for factor in factors where factor > 0 {
            let (next, overflow) = product.multipliedReportingOverflow(by: factor)
            guard !overflow, next <= limit else {
                throw InferenceError.shape("it would need more than \(limit) operations", at: place)
            }
            product = next
        }
    }
}
