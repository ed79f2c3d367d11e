/// What stands beside a model: what its answers mean and what its input looks like.
public struct ModelManifest: Hashable, Sendable, Codable {
    /// How pictures become the model's input.
    public struct Preprocessing: Hashable, Sendable, Codable {
        /// Input size in pixels; pictures are resized to it without keeping their proportions.
        public let width: Int
        /// Input size in pixels.
        public let height: Int
        /// Taken from each colour, which runs from 0 to 1.
        public let mean: [Float]
        /// Each colour is divided by it after that.
        public let std: [Float]
    }

    /// The model's name, as its folder.
    public let name: String
    /// The version, as its folder.
    public let version: String
    /// What each output stands for, in order.
    public let labels: [String]
    /// SHA-256 of `model.onnx`, in hexadecimal.
    public let sha256: String
    /// How pictures become the model's input.
    public let preprocessing: Preprocessing

    func validate() throws(InferenceError) {
        let size = preprocessing
        guard !labels.isEmpty, (1...4096).contains(size.width), (1...4096).contains(size.height), size.mean.count == 3,
            size.std.count == 3, size.std.allSatisfy({ $0 > 0 && $0.isFinite })
        else {
            throw InferenceError(
                .modelCorrupt,
                "manifest of \(name)/\(version): needs labels, width and height from 1 to 4096, "
                    + "and mean and std of three numbers, std above zero")
        }
    }

    func tensor(of image: RGBImage) throws(InferenceError) -> Tensor {
        let (width, height) = (preprocessing.width, preprocessing.height)
        var values = Resizer.planes(image, width: width, height: height)
        for colour in 0..<3 {
            let (mean, std) = (preprocessing.mean[colour] * 255, preprocessing.std[colour] * 255)
            for index in colour * width * height..<(colour + 1) * width * height {
                // Rounded, because the model was trained on pictures of whole numbers.
                values[index] = (values[index].rounded() - mean) / std
            }
        }
        return try Tensor(shape: [1, 3, height, width], values: values)
    }
}
