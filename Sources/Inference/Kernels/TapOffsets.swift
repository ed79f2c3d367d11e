/// For each place of a window, which pixels of the image under it its taps see.
struct TapOffsets {
    private let axes: [WindowAxis]

    init(_ axes: [WindowAxis]) {
        self.axes = axes
    }

    /// Indices of pixels in the order of the taps; -1 for those outside the image.
    func places(_ place: Int) -> [Int] {
        var rest = place
        var coordinates = [Int](repeating: 0, count: axes.count)
        for index in axes.indices.reversed() {
            coordinates[index] = rest % axes[index].output
            rest /= axes[index].output
        }
        var places = [0]
        for (axis, at) in zip(axes, coordinates) {
            let seen = (0..<axis.kernel).map { axis.index(at, tap: $0) }
            places = places.flatMap { place in
                seen.map { place < 0 || $0 < 0 || $0 >= axis.input ? -1 : place * axis.input + $0 }
            }
        }
        return places
    }
}
