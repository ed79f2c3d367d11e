import FleetSimulation
import Foundation

/// Backlog, wait and workers of several courses over one time, as SVG.
struct Chart {
    let title: String
    let courses: [Course]

    private static let colours = ["#1f6feb", "#e8833a", "#8b949e"]
    private static let (width, left, right) = (860.0, 64.0, 24.0)
    private static let (top, height, gap) = (84.0, 150.0, 48.0)

    private struct Panel {
        let title: String
        let limit: Double?
        let value: (Course.Sample) -> Double
    }

    private var panels: [Panel] {
        [
            Panel(title: "tasks that wait", limit: nil) { Double($0.backlog) },
            Panel(title: "longest wait, seconds", limit: 5) { $0.wait },
            Panel(title: "workers", limit: nil) { Double($0.workers) },
        ]
    }

    /// The whole picture.
    var svg: String {
        let total = Self.top + Double(panels.count) * (Self.height + Self.gap)
        let body = panels.enumerated().map { number, panel in
            draw(panel, top: Self.top + Double(number) * (Self.height + Self.gap), isLast: number == panels.count - 1)
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(text(Self.width)) \(text(total))" \
            font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="12" fill="#24292f">
            <rect width="100%" height="100%" fill="#ffffff"/>
            <text x="\(text(Self.left))" y="28" font-size="17" font-weight="600">\(title)</text>
            \(legend)
            \(body.joined(separator: "\n"))
            </svg>

            """
    }

    private var legend: String {
        var x = Self.left
        return zip(courses, Self.colours).map { course, colour in
            defer { x += 52 + Double(course.contender.count) * 6.7 }
            return """
                <line x1="\(text(x))" y1="47" x2="\(text(x + 22))" y2="47" stroke="\(colour)" stroke-width="3"/>\
                <text x="\(text(x + 28))" y="51">\(course.contender)</text>
                """
        }.joined(separator: "\n")
    }

    private func draw(_ panel: Panel, top: Double, isLast: Bool) -> String {
        let highest = courses.flatMap(\.samples).map(panel.value).max() ?? 1
        let axis = Axis(upTo: max(highest, panel.limit ?? 1))
        let bottom = top + Self.height
        func y(_ value: Double) -> Double { bottom - value / axis.end * Self.height }
        func x(_ time: Double) -> Double {
            Self.left + time / Trace.seconds * (Self.width - Self.left - Self.right)
        }
        var parts = ["<text x=\"\(text(Self.left))\" y=\"\(text(top - 8))\" fill=\"#57606a\">\(panel.title)</text>"]
        for mark in axis.marks {
            parts.append(
                """
                <line x1="\(text(Self.left))" y1="\(text(y(mark)))" x2="\(text(Self.width - Self.right))" \
                y2="\(text(y(mark)))" stroke="#d8dee4"/>\
                <text x="\(text(Self.left - 8))" y="\(text(y(mark) + 4))" text-anchor="end" fill="#57606a">\(axis.label(mark))</text>
                """)
        }
        for minute in stride(from: 0, through: Int(Trace.seconds) / 60, by: 3) {
            parts.append(
                """
                <text x="\(text(x(Double(minute * 60))))" y="\(text(bottom + 16))" text-anchor="middle" \
                fill="#57606a">\(minute)\(isLast && minute > 0 ? " min" : "")</text>
                """)
        }
        if let limit = panel.limit {
            parts.append(
                """
                <line x1="\(text(Self.left))" y1="\(text(y(limit)))" x2="\(text(Self.width - Self.right))" \
                y2="\(text(y(limit)))" stroke="#1a7f37" stroke-dasharray="5 4"/>
                """)
        }
        for (course, colour) in zip(courses, Self.colours).reversed() {
            let points = course.samples.map { "\(text(x($0.time))),\(text(y(panel.value($0))))" }
            parts.append(
                """
                <polyline points="\(points.joined(separator: " "))" fill="none" stroke="\(colour)" \
                stroke-width="1.8" stroke-linejoin="round"/>
                """)
        }
        return parts.joined(separator: "\n")
    }

    /// A tenth of a pixel is fine enough.
    private func text(_ number: Double) -> String {
        let rounded = (number * 10).rounded() / 10
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}
