/// The attributes of a transposed convolution's window, one value for each spatial dimension.
struct TransposedWindow {
    let strides: [Int]
    let dilations: [Int]
    /// Two for each dimension; nil where there is none.
    let pads: [Int]?
    /// Whether the output has the input's size times the stride.
    let isSame: Bool
    /// Whether an odd pixel of automatic padding goes to the end.
    let moreAtEnd: Bool
}
