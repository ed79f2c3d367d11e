/// How a Resize node finds and weighs the values that a new one is made of, as the ONNX specification words it.
struct ResizingRule: Sendable {
    private let mode: String
    private let coordinates: String
    private let nearest: String
    private let cubicFactor: Double
    private let excludesOutside: Bool
    private let antialiases: Bool
    private let outside: Float

    init(_ node: NodeContext) throws(InferenceError) {
        let isOld = node.node.type == "Upsample" || node.opset < 11
        let mode = try node.string("mode", default: "nearest")
        self.mode = mode == "bilinear" || mode == "trilinear" ? "linear" : mode
        coordinates =
            isOld
            ? "asymmetric" : try node.string("coordinate_transformation_mode", default: "half_pixel")
        nearest = isOld ? "floor" : try node.string("nearest_mode", default: "round_prefer_floor")
        cubicFactor = Double(try node.float("cubic_coeff_a", default: -0.75))
        excludesOutside = try node.flag("exclude_outside")
        antialiases = try node.flag("antialias")
        outside = try node.float("extrapolation_value", default: 0)
        let known = [
            "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric",
            "tf_half_pixel_for_nn", "tf_crop_and_resize",
        ]
        guard ["nearest", "linear", "cubic"].contains(self.mode), known.contains(coordinates),
            ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"].contains(nearest)
        else { throw node.unsupported("its mode is \(mode.excerpt), \(coordinates.excerpt), \(nearest.excerpt)") }
    }

    /// Whether a region of the input is resized instead of all of it.
    var crops: Bool { coordinates == "tf_crop_and_resize" }

    /// The taps of an axis of `size` that becomes `target`.
    func taps(_ size: Int, _ target: Int, scale: Double, region: (Double, Double)) -> ResizingTaps {
        let shrink = antialiases ? min(scale, 1) : 1
        let reach = mode == "cubic" ? 2.0 : 1
        // The least offset from the value before the position that still has weight.
        let first = mode == "nearest" ? 0 : Int(max((-reach / shrink).rounded(.down), -1e6)) + 1
        let count = mode == "nearest" ? 1 : 2 - 2 * first
        var taps = ResizingTaps(positions: target, perPosition: count, outside: outside)
        for position in 0..<target {
            let x = coordinate(Double(position), size, target, scale, region)
            taps.isOutside.append(crops && !(x >= 0 && x <= Double(size - 1)))
            // Far outside everything is the edge; a region may hold anything, and what is not a number lies nowhere.
            let bounded = x.isNaN ? -2 : min(max(x, -2), Double(size) + 1)
            let base = Int(bounded.rounded(.up)) - 1
            let ratio = bounded - Double(base)
            if mode == "nearest" {
                taps.indices.append(min(max(base + nearestOffset(ratio), 0), size - 1))
                taps.weights.append(1)
                continue
            }
            var weights = (first..<first + count).map { weight((Double($0) - ratio) * shrink) }
            if excludesOutside {
                for offset in 0..<count where !(0..<size).contains(base + first + offset) { weights[offset] = 0 }
            }
            let sum = antialiases || excludesOutside ? weights.reduce(0, +) : 1
            for offset in 0..<count {
                taps.indices.append(min(max(base + first + offset, 0), size - 1))
                taps.weights.append(Float(weights[offset] / sum))
            }
        }
        return taps
    }

    /// Where in the input a position of the result lies.
    private func coordinate(
        _ x: Double, _ size: Int, _ target: Int, _ scale: Double, _ region: (Double, Double)
    ) -> Double {
        let last = Double(size - 1)
        switch coordinates {
        case "half_pixel_symmetric":
            let adjustment = Double(target) / (scale * Double(size))
            return Double(size) / 2 * (1 - adjustment) + (x + 0.5) / scale - 0.5
        case "pytorch_half_pixel": return target > 1 ? (x + 0.5) / scale - 0.5 : 0
        case "align_corners": return target > 1 ? x * last / (scale * Double(size) - 1) : 0
        case "asymmetric": return x / scale
        case "tf_half_pixel_for_nn": return (x + 0.5) / scale
        case "tf_crop_and_resize":
            let (start, end) = region
            return target > 1
                ? start * last + x * (end - start) * last / Double(target - 1) : 0.5 * (start + end) * last
        default: return (x + 0.5) / scale - 0.5
        }
    }

    /// 0 for the value before the position, 1 for the one at or after it; `ratio` lies in (0, 1].
    private func nearestOffset(_ ratio: Double) -> Int {
        switch nearest {
        case "round_prefer_floor": ratio <= 0.5 ? 0 : 1
        case "round_prefer_ceil": ratio < 0.5 ? 0 : 1
        case "floor": ratio < 1 ? 0 : 1
        default: 1
        }
    }

    /// The weight of a value at that distance; the cubic one is Keys', 1981.
    private func weight(_ distance: Double) -> Double {
        let x = abs(distance)
        guard mode == "cubic" else { return max(1 - x, 0) }
        let a = cubicFactor
        if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
    }
}
