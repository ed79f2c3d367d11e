/// How a picture of another shape is brought to a model's input size.
enum ResizeRule: String, Codable, Sendable {
    /// The whole picture, its sides scaled apart.
    case stretch
    /// The largest centred part that has the input's shape.
    case crop

    /// The part of the picture that is shown, in its pixels.
    func box(of image: RGBImage, for size: ImageSize) -> (x: Double, y: Double, width: Double, height: Double) {
        let (width, height) = (Double(image.width), Double(image.height))
        guard self == .crop else { return (0, 0, width, height) }
        let shown = min(width / Double(size.width), height / Double(size.height))
        let (w, h) = (shown * Double(size.width), shown * Double(size.height))
        return ((width - w) / 2, (height - h) / 2, w, h)
    }
}
