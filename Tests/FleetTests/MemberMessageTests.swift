import Testing

@testable import Fleet

@Suite("What a worker tells its supervisor")
struct MemberMessageTests {
    @Test(
        "is read as it was written, and takes one line",
        arguments: [
            MemberMessage.report(MemberReport(isReady: true, busy: 3)),
            .report(MemberReport(isReady: false, busy: 0, recycle: .memory)), .page("# TYPE a counter\na{b=\"c\"} 1\n"),
        ])
    func bothWays(_ message: MemberMessage) throws {
        let line = try #require(message.line)
        #expect(!line.contains(UInt8(ascii: "\n")))
        #expect(MemberMessage(line) == message)
    }

    @Test(
        "is passed over when it makes no sense", arguments: ["", "{}", "{\"isReady\":true}", "7", "{\"page\":\"cut o"])
    func garbage(_ line: String) {
        #expect(MemberMessage(Array(line.utf8)) == nil)
    }
}
