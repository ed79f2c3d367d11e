import Foundation
import TaskQueue
import Testing

@Suite("A point in time")
struct TimestampTests {
    @Test("is written as Foundation writes it, on every day of eight centuries")
    func agreesWithFoundation() throws {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        // From 1583: before that, Foundation counts by the Julian calendar.
        for day in -141_000...150_000 {
            let time = Timestamp(rawValue: Int64(day) * 86_400_000 + 45_296_500)
            let text = style.format(Date(timeIntervalSince1970: Double(time.rawValue) / 1000))
            guard time.description != text || Timestamp(rfc3339: text) != time else { continue }
            Issue.record("\(time) should be \(text) and be read back")
            return
        }
    }

    @Test(
        "is read in every form that RFC 3339 allows",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.999Z", -1), ("2000-02-29t12:00:00z", 951_825_600_000),
            ("2026-12-01T06:00:00+02:00", 1_796_097_600_000), ("2026-12-01 01:30:00-02:30", 1_796_097_600_000),
            ("2026-12-01T04:00:00.1Z", 1_796_097_600_100), ("2026-12-01T04:00:00.123999Z", 1_796_097_600_123),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000),
        ])
    func reads(text: String, milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.rawValue == milliseconds)
    }

    @Test(
        "is not read from anything else",
        arguments: [
            "", "2026-12-01", "2026-12-01T06:00:00", "2026-12-01T06:00Z", "2026-13-01T06:00:00Z",
            "2026-00-01T06:00:00Z",
            "2026-02-29T06:00:00Z", "2026-12-00T06:00:00Z", "2026-12-01T24:00:00Z", "2026-12-01T06:60:00Z",
            "2026-12-01T06:00:61Z", "2026-12-01T06:00:00.Z", "2026-12-01T06:00:00+24:00", "2026-12-01T06:00:00Zx",
            "+026-12-01T06:00:00Z", "２026-12-01T06:00:00Z",
        ])
    func refuses(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test("has words even where no calendar reaches", arguments: [Int64.min, .max, -62_167_219_200_001])
    func extremes(milliseconds: Int64) {
        #expect(Timestamp(rawValue: milliseconds).description.hasSuffix("Z"))
    }
}
