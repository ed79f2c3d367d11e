internal import Redis

/// The broker's moves: one Lua file each, read from `Scripts/`.
enum BrokerScript {
    static let enqueue = script(PackageResources.enqueue_lua)
    static let exchange = script(PackageResources.exchange_lua, PackageResources.claims_lua)
    static let renew = script(PackageResources.renew_lua)
    static let disown = script(PackageResources.disown_lua)
    static let release = script(PackageResources.release_lua)
    static let recover = script(PackageResources.recover_lua)
    static let cancel = script(PackageResources.cancel_lua, PackageResources.claims_lua)
    static let fetch = script(PackageResources.fetch_lua)
    static let list = script(PackageResources.list_lua)
    static let queues = script(PackageResources.queues_lua)
    static let purge = script(PackageResources.purge_lua)
    static let pause = script(PackageResources.pause_lua)
    static let letters = script(PackageResources.letters_lua)
    static let discard = script(PackageResources.discard_lua)
    static let scan = script(PackageResources.scan_lua)
    static let record = script(PackageResources.record_lua)
    static let await = script(PackageResources.await_lua)

    /// These touch no queue, and so share nothing with the others.
    static let rate = RedisScript(String(decoding: PackageResources.rate_lua, as: UTF8.self))
    static let report = RedisScript(String(decoding: PackageResources.report_lua, as: UTF8.self))

    /// Puts what the script shares with others between its first line, which Redis wants to be first, and the rest.
    private static func script(_ file: [UInt8], _ others: [UInt8]...) -> RedisScript {
        let text = String(decoding: file, as: UTF8.self)
        let firstLine = text.prefix { $0 != "\n" }
        let shared = ([PackageResources.books_lua] + others).map { String(decoding: $0, as: UTF8.self) }
        return RedisScript(
            ([String(firstLine)] + shared + [String(text.dropFirst(firstLine.count))]).joined(separator: "\n"),
            // Given the prefix of a queue's keys, which is no key itself.
            namesAllKeys: false)
    }
}
