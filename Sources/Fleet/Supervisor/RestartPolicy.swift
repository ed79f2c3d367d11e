/// How long a place stays empty after its worker crashed: twice as long each time.
///
/// Short at first, because a crash is mostly one task's fault and the others wait; longer then, because a worker that
/// can't start would take a core for trying.
public struct RestartPolicy: Hashable, Sendable {
    /// After the first crash.
    public var base = Duration.milliseconds(250)
    /// No longer than this.
    public var cap = Duration.seconds(30)
    /// A worker that ran for this long makes earlier crashes forgotten.
    public var healthyAfter = Duration.seconds(30)

    /// The defaults above.
    public init() {}

    /// How long to wait after so many crashes in a row, from 1.
    public func delay(after crashes: Int) -> Duration {
        // Doubled so often, any base is over any cap.
        min(cap, base * (1 << min(max(crashes - 1, 0), 30)))
    }
}
