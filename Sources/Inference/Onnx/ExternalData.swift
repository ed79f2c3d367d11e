#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Where another file in the model's folder holds the elements of a constant.
struct ExternalData: Sendable {
    /// The last byte at which data may begin; sums with a tensor's size then stay far from overflow.
    private static let offsetMax = 1 << 48

    private let path: String
    private let offset: Int
    private let length: Int?

    /// Reads the entries of a TensorProto; throws `modelCorrupt` for a path that leaves the model's folder.
    init(_ entries: [String: String], folder: String?, place: String) throws(InferenceError) {
        let location = entries["location"] ?? ""
        guard let folder else {
            throw ExternalData.missing(place, "its data lies in the file \(location.excerpt)", "Load the model by path")
        }
        let parts = location.split(separator: "/", omittingEmptySubsequences: false)
        let isWithin = !parts.contains { $0.isEmpty || $0 == "." || $0 == ".." } && !location.utf8.contains(0)
        guard isWithin, location.utf8.count <= 1024 else {
            throw ExternalData.missing(
                place, "its data lies in \(location.excerpt), which is not within the model's folder",
                "Export the model again")
        }
        let offset = entries["offset"].map { Int($0) ?? -1 } ?? 0
        let length = entries["length"].map { Int($0) ?? -1 }
        guard (0...ExternalData.offsetMax).contains(offset), length ?? 0 >= 0 else {
            throw ExternalData.missing(place, "its offset or length makes no sense", "Export the model again")
        }
        path = "\(folder)/\(location)"
        self.offset = offset
        self.length = length
    }

    /// Reads the elements; throws `modelCorrupt` when the file does not hold as many bytes.
    func tensor(shape: [Int], type: ElementType, place: String) throws(InferenceError) -> Tensor {
        let count = try Shape.count(shape, place: place)
        let byteCount = count * type.size
        guard length ?? byteCount == byteCount else {
            throw ExternalData.missing(
                place, "\(length ?? 0) bytes are given for \(byteCount)", "Export the model again")
        }
        // O_NONBLOCK: a pipe of that name must not make the caller wait.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            throw ExternalData.missing(
                place, "the file \(path.excerpt) cannot be opened", "Put the file beside the model")
        }
        defer { close(file) }
        let storage = Storage(byteCount: byteCount)
        var done = 0
        while done < byteCount {
            let got = pread(file, storage.start + done, byteCount - done, off_t(offset) + off_t(done))
            if got < 0, errno == EINTR { continue }
            guard got > 0 else {
                throw ExternalData.missing(
                    place, "the file \(path.excerpt) ends before byte \(offset + byteCount)",
                    "Fetch the file again")
            }
            done += got
        }
        return Tensor(shape: shape, type: type, count: count, storage: storage)
    }

    private static func missing(_ place: String, _ cause: String, _ remedy: String) -> InferenceError {
        InferenceError(
            .modelCorrupt, what: "The data of a constant cannot be read", place: place, cause: cause, remedy: remedy)
    }
}
