/// A node's answer that another one should be asked; the command was not executed.
struct Redirection: Hashable, Sendable {
    /// What the slot is doing.
    enum Kind: Sendable {
        /// It lives elsewhere for good.
        case moved
        /// It is on its way: this key, this once, is elsewhere.
        case ask
    }

    let kind: Kind
    let slot: HashSlot
    let address: RedisAddress

    /// Reads `MOVED 3999 host:port` or `ASK 3999 host:port`; nil if it is another error.
    /// - Parameter source: The node that answered; a name it leaves out is its own.
    init?(_ error: RedisServerError, from source: RedisAddress) {
        switch error.prefix {
        case "MOVED": kind = .moved
        case "ASK": kind = .ask
        default: return nil
        }
        let words = error.message.split(separator: " ")
        guard words.count >= 3, let slot = HashSlot(number: Int64(words[1])),
            let colon = words[2].lastIndex(of: ":"), let port = UInt16(words[2][words[2].index(after: colon)...])
        else { return nil }
        self.slot = slot
        address = RedisAddress(source, host: String(words[2][..<colon]), port: Int(port))
    }
}
