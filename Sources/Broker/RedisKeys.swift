internal import Redis

/// The names of keys and channels that Swift knows; those of a queue's books are listed in `Scripts/books.lua`.
struct RedisKeys: Hashable, Sendable {
    /// What every key begins with, so that several systems can share a server.
    let prefix: String

    /// The set of all queues ever used.
    var queues: RedisArgument { .string("\(prefix):queues") }

    /// Where new queues are announced.
    var newQueues: String { "\(prefix):new-queues" }

    /// What the keys of a queue's books begin with; in braces, so that a cluster keeps them on one node.
    func books(of queue: String) -> String { "\(prefix):\(Self.braced(queue))" }

    /// What a worker says of itself, and what it was told to do: beside each other on one node of a cluster.
    func report(of worker: String) -> RedisArgument { .string("\(prefix):worker:\(Self.braced(worker))") }
    func orders(of worker: String) -> RedisArgument { .string("\(prefix):orders:\(Self.braced(worker))") }

    /// A brace in the name would end the braces too soon, so it is written as in a URL.
    private static func braced(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: "}") || $0 == UInt8(ascii: "%") }) else {
            return "{\(name)}"
        }
        return "{\(name.replacing("%", with: "%25").replacing("}", with: "%7D"))}"
    }

    /// Where it is said that some worker was told something.
    var newOrders: String { "\(prefix):new-orders" }

    /// Where a caller's requests are counted.
    func rate(of caller: String) -> String { "\(prefix):rate:\(caller)" }

    /// A channel of this process alone.
    func channel(_ purpose: String) -> String {
        "\(prefix):\(purpose):\(String(UInt64.random(in: .min ... .max), radix: 36))"
    }

    /// The key of a final record.
    func result(of id: TaskIDBytes, in queue: String) -> RedisArgument {
        .bytes(Array("\(books(of: queue)):result:".utf8) + id)
    }

    /// What finds the final records of a queue; characters with a meaning in patterns are escaped.
    func resultPattern(in queue: String) -> RedisArgument {
        let escaped = books(of: queue).reduce(into: "") { text, character in
            if "*?[]\\^".contains(character) { text.append("\\") }
            text.append(character)
        }
        return .string("\(escaped):result:*")
    }

    typealias TaskIDBytes = [UInt8]
}
