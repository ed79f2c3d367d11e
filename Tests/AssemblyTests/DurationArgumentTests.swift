import Assembly
import Testing

@Suite("A duration on the command line")
struct DurationArgumentTests {
    @Test(
        "is a number and a unit, seconds if there is none",
        arguments: [
            ("500ms", .milliseconds(500)), ("10s", .seconds(10)), ("5m", .seconds(300)), ("2h", .seconds(7200)),
            ("1d", .seconds(86_400)), ("45", .seconds(45)), ("0", .zero), ("0s", .zero), ("1.5h", .seconds(5400)),
            (".5s", .milliseconds(500)), ("0.25ms", .zero), ("3650d", .seconds(3650 * 86_400)),
        ] as [(String, Duration)])
    func good(_ text: String, _ duration: Duration) {
        #expect(DurationArgument(argument: text)?.duration == duration)
    }

    @Test(
        "is refused if it is none, negative or longer than ten years",
        arguments: [
            "", "s", "ms", ".", "-1s", "+1s", "ten", "10x", "10 s", " 10s", "1h30m", "1,5s", "nan", "inf", "infinitys",
            "0x10", "1e3", "٣s", "3651d", "99999999999999999999d", "1..5s",
        ])
    func bad(_ text: String) {
        #expect(DurationArgument(argument: text) == nil)
    }
}
