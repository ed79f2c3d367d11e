/// Which node serves which slot, as one node told it; never changes, a newer one replaces it.
final class SlotMap: Sendable {
    /// The nodes that serve slots.
    let masters: [RedisAddress]
    /// For each slot an index into the masters; -1 where nobody serves it.
    private let owners: [Int16]

    private init(_ masters: [RedisAddress], _ owners: [Int16]) {
        self.masters = masters
        self.owners = owners
    }

    /// Reads the reply to `CLUSTER SLOTS`.
    /// - Parameters:
    ///   - reply: Ranges of slots, each followed by its master and its replicas.
    ///   - source: Who told it; nodes that have no name of their own are on the same host.
    convenience init(_ reply: RedisValue, from source: RedisAddress) throws(RedisError) {
        var masters: [RedisAddress] = []
        var owners = [Int16](repeating: -1, count: HashSlot.count)
        for range in try reply.requireArray() {
            guard let parts = range.array, parts.count >= 3, let node = parts[2].array, node.count >= 2,
                let first = HashSlot(number: parts[0].integer), let last = HashSlot(number: parts[1].integer),
                first.number <= last.number, let port = node[1].integer
            else { throw RedisError(.unexpectedReply, "\(source) described the cluster in an unknown way") }
            let master = RedisAddress(source, host: node[0].string, port: Int(clamping: port))
            let index = masters.firstIndex(of: master) ?? masters.count
            if index == masters.count { masters.append(master) }
            for slot in first.number...last.number { owners[slot] = Int16(clamping: index) }
        }
        guard !masters.isEmpty else {
            throw RedisError(.clusterDown, "\(source) knows no node of the cluster that serves a slot")
        }
        self.init(masters, owners)
    }

    /// Who serves a slot; nil if nobody is known to.
    func owner(of slot: HashSlot) -> RedisAddress? {
        let index = Int(owners[slot.number])
        return masters.indices.contains(index) ? masters[index] : nil
    }

    /// The same map but for one slot.
    func moving(_ slot: HashSlot, to address: RedisAddress) -> SlotMap {
        var masters = masters
        var owners = owners
        let index = masters.firstIndex(of: address) ?? masters.count
        if index == masters.count { masters.append(address) }
        owners[slot.number] = Int16(clamping: index)
        return SlotMap(masters, owners)
    }
}

extension RedisAddress {
    /// A node as another one names it; without a name it is on the other one's host.
    init(_ source: RedisAddress, host: String?, port: Int) {
        let isNamed = host.map { !$0.isEmpty && $0 != "?" } ?? false
        self.init(host: isNamed ? host ?? source.host : source.host, port: port)
    }
}
