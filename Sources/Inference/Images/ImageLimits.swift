/// How large a picture may be; both limits hold before anything is decoded.
public struct ImageLimits: Sendable, Equatable {
    /// The longest side that is read: what JPEG can express, and a bound on what resizing needs.
    private static let sideMax = 65_535

    /// The most bytes the file may have.
    public var bytesMax: Int
    /// The most pixels (width times height) the header may announce.
    public var pixelsMax: Int

    /// Limits of 20 MiB and 50 megapixels unless told otherwise.
    public init(bytesMax: Int = 20 * 1024 * 1024, pixelsMax: Int = 50_000_000) {
        self.bytesMax = bytesMax
        self.pixelsMax = pixelsMax
    }

    /// Holds a file's size against the limit; throws `imageTooLarge`.
    public func check(bytes: Int) throws(InferenceError) {
        guard bytes <= bytesMax else {
            throw InferenceError(
                .imageTooLarge, what: "The picture is too large", place: "its file",
                cause: "it has \(bytes) bytes and at most \(bytesMax) are allowed",
                remedy: "Send a smaller file, or raise the limit on bytes")
        }
    }

    func check(width: Int, height: Int) throws(InferenceError) {
        guard width > 0, height > 0 else {
            throw InferenceError(
                .imageCorrupt, what: "The picture is damaged", place: "its header",
                cause: "it announces \(width)x\(height) pixels", remedy: "Send the original file again")
        }
        let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
        guard !overflow, pixels <= pixelsMax, width <= Self.sideMax, height <= Self.sideMax else {
            throw InferenceError(
                .imageTooLarge, what: "The picture is too large", place: "its header",
                cause: "it announces \(width)x\(height) pixels; at most \(pixelsMax) in all and \(Self.sideMax) a side "
                    + "are allowed",
                remedy: "Send a smaller picture, or raise the limit on pixels")
        }
    }
}
