/// A width and a height in pixels.
public struct ImageSize: Sendable, Equatable {
    /// Pixels across.
    public let width: Int
    /// Pixels down.
    public let height: Int

    /// A size of the given width and height.
    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }
}
