import FoundationEssentials

/// How well a classifier does on pictures whose labels are known.
public struct ModelEvaluation: Sendable {
    /// The labels, in the model's order.
    public let labels: [String]
    /// Counts by true label, then by answer.
    public let confusion: [[Int]]
    /// Pictures that could not be classified.
    public let failures: [String]

    /// Classifies every file of `<folder>/<label>/`.
    /// - Throws: `InferenceError` (`modelMissing`) if the folder holds no pictures of any of the model's labels.
    public init(of classifier: ImageClassifier, on folder: String) throws(InferenceError) {
        labels = classifier.manifest.labels
        var confusion = [[Int]](repeating: [Int](repeating: 0, count: labels.count), count: labels.count)
        var failures: [String] = []
        for (row, label) in labels.enumerated() {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(label)")) ?? []
            for name in names.sorted() {
                let path = "\(folder)/\(label)/\(name)"
                guard let data = FileManager.default.contents(atPath: path) else { continue }
                do throws(InferenceError) {
                    let answer = try classifier.classify(Array(data), topK: 1)
                    if let column = labels.firstIndex(of: answer.label) { confusion[row][column] += 1 }
                } catch {
                    failures.append("\(path): \(error.message)")
                }
            }
        }
        self.confusion = confusion
        self.failures = failures
        guard total > 0 else {
            throw InferenceError(.modelMissing, "\(folder) holds no pictures; expected <label>/*.jpg")
        }
    }

    /// Pictures judged, those that could not be classified among them.
    public var total: Int { confusion.joined().reduce(0, +) + failures.count }

    /// The share of pictures that were classified correctly, from 0 to 1.
    public var accuracy: Double {
        Double(labels.indices.reduce(0) { $0 + confusion[$1][$1] }) / Double(max(total, 1))
    }

    /// The confusion matrix for people: a row for each true label, a column for each answer.
    public var table: String {
        let width = (labels.map(\.count).max() ?? 0) + 2
        func padded(_ text: String) -> String { String(repeating: " ", count: max(width - text.count, 0)) + text }
        let head = padded("") + labels.map(padded).joined()
        let rows = labels.indices.map { row in
            padded(labels[row]) + confusion[row].map { padded("\($0)") }.joined()
        }
        return ([head] + rows).joined(separator: "\n")
    }
}
