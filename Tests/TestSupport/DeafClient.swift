#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A client that asks, and reads no more than the first byte of the answer.
package struct DeafClient: Sendable {
    private let descriptor: Int32

    /// Connects to a port of this machine, with little room for what comes, and asks.
    /// - Parameter text: The whole request.
    package init(port: Int, asking text: String) throws {
        #if canImport(Glibc)
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var room: Int32 = 1024
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        let bytes = Array(text.utf8)
        guard isConnected, send(descriptor, bytes, bytes.count, 0) == bytes.count else {
            throw ServerProcess.Failure(description: "nothing was asked of port \(port): error \(errno)")
        }
    }

    /// Waits until the answer has begun.
    package func heardBeginning() async throws {
        try await eventually("the answer has begun") {
            var byte: UInt8 = 0
            return recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT)) == 1
        }
    }

    package func close() {
        #if canImport(Glibc)
            Glibc.close(descriptor)
        #else
            Darwin.close(descriptor)
        #endif
    }
}
