import Foundation

/// Round numbers from zero up to a little over the highest value.
struct Axis {
    let end: Double
    let marks: [Double]

    init(upTo highest: Double) {
        let raw = max(highest, 1e-3) / 4
        let magnitude = pow(10, floor(log10(raw)))
        let step = [1, 2, 2.5, 5, 10].map { $0 * magnitude }.first { $0 >= raw } ?? raw
        let count = max(1, Int((highest / step).rounded(.up)))
        end = step * Double(count)
        marks = (0...count).map { Double($0) * step }
    }

    func label(_ mark: Double) -> String {
        mark == mark.rounded() ? mark.formatted(.number.locale(Locale(identifier: "en_GB"))) : "\(mark)"
    }
}
