/// Something that is read when a scraper asks, rather than counted along the way.
public protocol MetricsSource: Sendable {
    /// Adds its families to the page; what can't be read is left out.
    func write(to page: inout Exposition) async
}

/// All that a process tells a scraper.
public struct MetricsPage: Sendable {
    private let sources: [any MetricsSource]

    /// Gathers sources; their families come in this order.
    public init(_ sources: [any MetricsSource]) {
        self.sources = sources
    }

    /// The page as it is now.
    public func text() async -> String {
        var page = Exposition()
        for source in sources { await source.write(to: &page) }
        return page.text
    }
}
