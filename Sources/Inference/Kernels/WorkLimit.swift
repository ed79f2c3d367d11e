/// A limit on how much arithmetic one operator may cost: a hostile model must not keep a thread for hours.
enum WorkLimit {
    /// The most multiply-adds of one operator; the largest layers of common networks need about 2^33.
    static let operationsMax = 1 << 36

    /// Throws when the product of the factors, each at most 2^26, is beyond the limit.
    static func check(_ factors: [Int], at place: String) throws(InferenceError) {
        var product = 1
        for factor in factors where factor > 0 {
            let (next, overflow) = product.multipliedReportingOverflow(by: factor)
            guard !overflow, next <= operationsMax else {
                throw InferenceError.shape("it would need more than \(operationsMax) operations", at: place)
            }
            product = next
        }
    }
}
