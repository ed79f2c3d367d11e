import TaskQueue

/// One line on the link from a worker process to its supervisor.
enum MemberMessage: Hashable, Sendable {
    case report(MemberReport)
    /// What it counted, as a page for Prometheus.
    case page(String)

    private struct Page: Codable {
        let page: String
    }

    /// Reads a line; nil if it is of another version, or was cut.
    init?(_ line: [UInt8]) {
        if let report = try? PayloadCodec.decode(MemberReport.self, from: line) {
            self = .report(report)
        } else if let page = try? PayloadCodec.decode(Page.self, from: line) {
            self = .page(page.page)
        } else {
            return nil
        }
    }

    /// The line; nil if there is none that says it.
    var line: [UInt8]? {
        switch self {
        case .report(let report): try? PayloadCodec.encode(report)
        case .page(let text): try? PayloadCodec.encode(Page(page: text))
        }
    }
}
