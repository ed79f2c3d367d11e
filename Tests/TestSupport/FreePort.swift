import Foundation
import Synchronization

/// Hands out TCP ports that nobody listens on.
///
/// They lie below the range from which the kernel serves outgoing connections, so that a server can be restarted on its
/// own; a cluster node's second port, 10,000 higher, does too.
package enum FreePort {
    private static let given = Mutex<Set<Int>>([])

    package static func next() throws -> Int {
        for port in (10_300..<20_000).shuffled() where isFree(port) && isFree(port + 10_000) {
            if given.withLock({ $0.insert(port).inserted }) { return port }
        }
        throw ServerProcess.Failure(description: "no port from 10300 to 20000 is free")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
