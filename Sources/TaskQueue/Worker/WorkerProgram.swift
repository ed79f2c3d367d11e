public import Logging

/// What a worker knows of the program it runs in, and may ask of it.
public struct WorkerProgram: Sendable {
    /// The machine; nil if it is not known.
    public var host: String?
    /// The number of the process; nil if it is not known.
    public var pid: Int?
    /// The program's version; nil if it has none.
    public var version: String?
    /// Memory in use, in bytes; nil if it can't be told.
    ///
    /// Called on a thread that may block.
    public var residentBytes: @Sendable () -> Int? = { nil }
    /// Makes the program log from a level on.
    public var setLogLevel: @Sendable (Logger.Level) -> Void = { _ in }

    /// A program that says nothing of itself and whose log level stays.
    public init() {}
}
