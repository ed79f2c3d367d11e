/// A confusion matrix as a picture: true labels down, answers across, darker for more.
public struct ConfusionPicture: Sendable {
    private static let cell = 56
    private static let margin = 96

    private let evaluation: ModelEvaluation

    /// Draws an evaluation.
    public init(_ evaluation: ModelEvaluation) {
        self.evaluation = evaluation
    }

    /// The picture as an SVG document.
    public var svg: String {
        let side = evaluation.labels.count * Self.cell
        let (width, height) = (side + Self.margin + 16, side + Self.margin + 16)
        var lines = [
            #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(width) \#(height)" width="\#(width)" "#
                + #"height="\#(height)" font-family="sans-serif" font-size="13" fill="black">"#,
            "<title>Confusion matrix, accuracy \(evaluation.accuracy)</title>",
            #"<rect width="100%" height="100%" fill="white"/>"#,
        ]
        for (row, label) in evaluation.labels.enumerated() {
            let centre = Self.margin + row * Self.cell + Self.cell / 2
            let name = Self.escaped(label)
            lines.append(#"<text x="\#(Self.margin - 8)" y="\#(centre + 4)" text-anchor="end">\#(name)</text>"#)
            lines.append(
                #"<text transform="translate(\#(centre + 4) \#(Self.margin - 8)) rotate(-45)">\#(name)</text>"#)
            lines += cells(row)
        }
        lines.append("</svg>")
        return lines.joined(separator: "\n") + "\n"
    }

    private func cells(_ row: Int) -> [String] {
        let counts = evaluation.confusion[row]
        let total = max(counts.reduce(0, +), 1)
        return counts.enumerated().map { column, count in
            let (x, y) = (Self.margin + column * Self.cell, Self.margin + row * Self.cell)
            let lightness = 100 - 60 * count / total
            let ink = lightness < 65 ? "white" : "black"
            let square = #"<rect x="\#(x)" y="\#(y)" width="\#(Self.cell)" height="\#(Self.cell)" stroke="lightgray" "#
            return square + #"fill="hsl(\#(row == column ? 210 : 10) 70% \#(lightness)%)"/>"#
                + #"<text x="\#(x + Self.cell / 2)" y="\#(y + Self.cell / 2 + 4)" text-anchor="middle" "#
                + #"fill="\#(ink)">\#(count)</text>"#
        }
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
