import Foundation

/// A connection that has sent the first half of a request and keeps the rest to itself.
struct HalfRequest {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        let half = Array("GET /livez HTTP/1.1\r\nHost: ".utf8)
        guard isConnected, write(descriptor, half, half.count) == half.count else {
            throw POSIXError(.ECONNREFUSED)
        }
    }

    func close() {
        Foundation.close(descriptor)
    }
}
