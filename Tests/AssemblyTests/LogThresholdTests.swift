import Assembly
import Logging
import Testing

@Suite("The log threshold")
struct LogThresholdTests {
    @Test("changes for every logger that shares it, but not for one with a level of its own")
    func shared() {
        let threshold = LogThreshold(.info)
        let logger = Logger(label: "a") { LineLogHandler(label: $0, threshold: threshold, isJSON: false) }
        var own = logger
        own.logLevel = .critical
        #expect(logger.logLevel == .info)
        threshold.level = .debug
        #expect(logger.logLevel == .debug && own.logLevel == .critical)
    }
}
