import Foundation
import NIOPosix

/// Asks a port whether a Redis server that is ready listens there, without the library under test.
struct Greeting {
    private let port: Int

    init(_ port: Int) {
        self.port = port
    }

    /// True if PING is answered by anything but "loading"; "give me a password" will do.
    func isAnswered() async -> Bool {
        let reply = try? await NIOThreadPool.singleton.runIfActive { ping() }
        return reply.map { !$0.isEmpty && !$0.hasPrefix("-LOADING") } ?? false
    }

    private func ping() -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        let question = Array("PING\r\n".utf8)
        var answer = [UInt8](repeating: 0, count: 128)
        guard isConnected, send(descriptor, question, question.count, Int32(MSG_NOSIGNAL)) > 0 else { return "" }
        let count = recv(descriptor, &answer, answer.count, 0)
        return String(decoding: answer.prefix(max(count, 0)), as: UTF8.self)
    }
}
