/// For each position of a resized axis, which positions of the input it is made of and by how much.
struct ResizingTaps {
    let positions: Int
    let perPosition: Int
    /// `perPosition` for each position; none where the value lies outside the input.
    var indices: [Int] = []
    var weights: [Float] = []
    /// What stands where a position lies outside.
    let outside: Float
    var isOutside: [Bool] = []

    init(positions: Int, perPosition: Int, outside: Float) {
        self.positions = positions
        self.perPosition = perPosition
        self.outside = outside
    }

    /// Makes one position from lines of `count` values.
    func apply(_ position: Int, _ lines: UnsafePointer<Float>, _ count: Int, _ target: UnsafeMutablePointer<Float>) {
        if isOutside[position] {
            target.update(repeating: outside, count: count)
            return
        }
        for tap in position * perPosition..<(position + 1) * perPosition {
            let (line, weight) = (lines + indices[tap] * count, weights[tap])
            if tap == position * perPosition {
                for index in 0..<count { target[index] = line[index] * weight }
            } else if weight != 0 {
                for index in 0..<count { target[index] += line[index] * weight }
            }
        }
    }
}
