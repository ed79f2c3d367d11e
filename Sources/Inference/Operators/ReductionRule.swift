#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What a reduction makes of many values.
enum ReductionRule: Sendable, Equatable {
    case sum, mean, product, maximum, minimum, squares
    case logarithmOfSum
    /// log Σ exp(x)
    case logarithmOfPowers
    /// (Σ |x|^p)^(1/p)
    case norm(power: Double)

    /// The result for `count` values side by side; for none what the rule starts from.
    func value<T: Number>(_ values: UnsafeMutablePointer<T>, _ count: Int) -> T {
        switch self {
        case .maximum: return best(values, count, T(nearest: -.infinity)) { $0 > $1 }
        case .minimum: return best(values, count, T(nearest: .infinity)) { $0 < $1 }
        case .sum where T.isInteger: return wrapping(values, count, 0) { $0 &+ $1 }
        case .squares where T.isInteger: return wrapping(values, count, 0) { $0 &+ $1 &* $1 }
        case .product where T.isInteger: return wrapping(values, count, 1) { $0 &* $1 }
        case .sum: return T(nearest: total(values, count) { $0 })
        case .mean: return T(nearest: total(values, count) { $0 } / Double(count))
        case .squares: return T(nearest: total(values, count) { $0 * $0 })
        case .logarithmOfSum: return T(nearest: log(total(values, count) { $0 }))
        case .norm(let power) where power == 1: return T(nearest: total(values, count) { abs($0) })
        case .norm(let power) where power == 2: return T(nearest: total(values, count) { $0 * $0 }.squareRoot())
        case .norm(let power): return T(nearest: pow(total(values, count) { pow(abs($0), power) }, 1 / power))
        case .product:
            var product = 1.0
            for index in 0..<count { product *= values[index].double }
            return T(nearest: product)
        case .logarithmOfPowers:
            // The greatest is taken out first, so that no exponential overflows.
            let greatest = best(values, count, T(nearest: -.infinity)) { $0 > $1 }.double
            guard greatest.isFinite else { return T(nearest: count == 0 ? -.infinity : greatest) }
            return T(nearest: greatest + log(total(values, count) { exp($0 - greatest) }))
        }
    }

    private func best<T: Number>(
        _ values: UnsafeMutablePointer<T>, _ count: Int, _ start: T, _ isBetter: (T, T) -> Bool
    ) -> T {
        var best = start
        for index in 0..<count where isBetter(values[index], best) || values[index] != values[index] {
            best = values[index]
        }
        return best
    }

    private func wrapping<T: Number>(
        _ values: UnsafeMutablePointer<T>, _ count: Int, _ start: Int, _ next: (Int, Int) -> Int
    ) -> T {
        var result = start
        for index in 0..<count { result = next(result, values[index].integer) }
        return T(wrapping: result)
    }

    private func total<T: Number>(
        _ values: UnsafeMutablePointer<T>, _ count: Int, _ term: (Double) -> Double
    ) -> Double {
        var sum = 0.0
        for index in 0..<count { sum += term(values[index].double) }
        return sum
    }
}
