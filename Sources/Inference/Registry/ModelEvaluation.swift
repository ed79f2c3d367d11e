import FoundationEssentials

/// How well a classifier does on a folder of labelled pictures, `<label>/*.jpg` (or .jpeg, .png, .webp).
public struct ModelEvaluation: Sendable, Equatable {
    private static let extensions = ["jpg", "jpeg", "png", "webp"]

    /// The labels, in the order of `confusion`.
    public let labels: [String]
    /// Pictures by true label (rows) and answered label (columns).
    public let confusion: [[Int]]
    /// Answers by the tenth in which their confidence lies, lowest first.
    public let confidences: [Int]
    /// The number of pictures.
    public var count: Int { confusion.reduce(0) { $0 + $1.reduce(0, +) } }
    /// The share of right answers, in 0...1; zero without pictures.
    public var accuracy: Double {
        count == 0 ? 0 : Double(labels.indices.reduce(0) { $0 + confusion[$1][$1] }) / Double(count)
    }

    /// Classifies each picture of the folder, or every `stride`-th of each label.
    ///
    /// Throws `invalidArgument` for a folder without pictures or with an unknown label, and what `classify` throws.
    public static func run(
        _ classifier: ImageClassifier, folder: String, every stride: Int = 1, limits: ImageLimits = ImageLimits()
    ) throws(InferenceError) -> ModelEvaluation {
        let labels = classifier.labels
        var confusion = labels.map { _ in labels.map { _ in 0 } }
        var confidences = [Int](repeating: 0, count: PredictionReference.confidenceBins)
        for entry in try entries(of: folder) where !entry.hasPrefix(".") {
            guard let row = labels.firstIndex(of: entry) else {
                throw invalid("\(folder)/\(entry)", "the model has no label of that name")
            }
            let files = try entries(of: "\(folder)/\(entry)").filter { name in
                extensions.contains { name.lowercased().hasSuffix(".\($0)") }
            }
            for (index, file) in files.enumerated() where index % max(stride, 1) == 0 {
                let path = "\(folder)/\(entry)/\(file)"
                guard let data = FileManager.default.contents(atPath: path) else {
                    throw invalid(path, "the file cannot be read")
                }
                let answer = try classifier.classify([UInt8](data), topK: 1, limits: limits)
                if let column = labels.firstIndex(of: answer.label) { confusion[row][column] += 1 }
                confidences[PredictionReference.bin(answer.confidence)] += 1
            }
        }
        let evaluation = ModelEvaluation(labels: labels, confusion: confusion, confidences: confidences)
        guard evaluation.count > 0 else { throw invalid(folder, "it holds no pictures") }
        return evaluation
    }

    /// The shares of the answers, for the model's manifest.
    public var reference: PredictionReference {
        let total = Double(max(count, 1))
        let answered = labels.indices.map { column in Double(confusion.reduce(0) { $0 + $1[column] }) / total }
        return PredictionReference(
            labels: Dictionary(zip(labels, answered)) { first, _ in first },
            confidence: confidences.map { Double($0) / total })
    }

    /// The confusion matrix and the accuracy as text: true labels down, answers across.
    public var table: String {
        let width = max(labels.map(\.count).max() ?? 0, 6) + 2
        func cell(_ text: String) -> String { String(repeating: " ", count: max(width - text.count, 0)) + text }
        var lines = [cell("") + labels.map(cell).joined() + cell("right")]
        for (label, row) in zip(labels, confusion) {
            let total = row.reduce(0, +)
            let right = labels.firstIndex(of: label).map { row[$0] } ?? 0
            let share = total == 0 ? "-" : percent(Double(right) / Double(total))
            lines.append(cell(label) + row.map { cell(String($0)) }.joined() + cell(share))
        }
        lines.append("accuracy \(percent(accuracy)) of \(count) pictures")
        return lines.joined(separator: "\n")
    }

    private func percent(_ share: Double) -> String {
        let tenths = Int((share * 1000).rounded())
        return "\(tenths / 10).\(tenths % 10) %"
    }

    private static func entries(of folder: String) throws(InferenceError) -> [String] {
        guard let entries = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw invalid(folder, "the folder cannot be read")
        }
        return entries.sorted()
    }

    private static func invalid(_ place: String, _ cause: String) -> InferenceError {
        InferenceError(
            .invalidArgument, what: "The pictures cannot be evaluated", place: place, cause: cause,
            remedy: "Give a folder of <label>/*.jpg with the model's own labels")
    }
}
