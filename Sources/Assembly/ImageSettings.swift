/// `images.*`: how pictures are fetched and classified.
public struct ImageSettings: Sendable {
    /// `images.allowed_prefixes`: what `image_url` may begin with.
    public var allowedPrefixes: [String] = []
    /// `images.threads`: how many pictures are computed at once; 0 for as many as there are cores.
    public var threads = 0
    /// `images.batch_size`: the most pictures that one run takes together.
    public var batchSize = 4
    /// `images.time_limit_seconds`: how long such a run may take.
    public var timeLimit = Duration.seconds(60)
    /// `images.cache_bytes_max`: what remembered answers may take; 0 to remember none.
    public var cacheBytesMax = 16 << 20
    /// `images.cache_seconds`: how long they are remembered.
    public var cacheLifetime = Duration.seconds(600)

    static let keys: Set<String> = [
        "images.allowed_prefixes", "images.threads", "images.batch_size", "images.time_limit_seconds",
        "images.cache_bytes_max", "images.cache_seconds",
    ]

    /// The defaults.
    public init() {}

    init(_ reading: inout SettingsReading) {
        allowedPrefixes = reading.list("images.allowed_prefixes")
        threads = reading.number("images.threads", 0...512, threads)
        batchSize = reading.number("images.batch_size", 1...64, batchSize)
        timeLimit = .seconds(reading.number("images.time_limit_seconds", 1...3600, 60))
        cacheBytesMax = reading.number("images.cache_bytes_max", 0...1 << 40, cacheBytesMax)
        cacheLifetime = .seconds(reading.number("images.cache_seconds", 0...604_800, 600))
    }
}
