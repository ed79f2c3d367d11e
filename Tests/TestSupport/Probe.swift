import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Asks a server of this machine, as an orchestrator or a scraper does.
package struct Probe: Sendable {
    package struct Answer: Sendable {
        package let status: Int
        package let type: String?
        package let body: String
    }

    package let port: Int

    package init(port: Int) {
        self.port = port
    }

    package func get(_ path: String) async throws -> Answer {
        let request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/\(path)")
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 1 << 20)
        return Answer(
            status: Int(response.status.code), type: response.headers.first(name: "content-type"),
            body: String(buffer: body))
    }

    /// The status, or nil while nobody answers.
    package func status(_ path: String) async -> Int? {
        do {
            return try await get(path).status
        } catch {
            return nil
        }
    }

    /// The first line of the answer, asked for on the calling thread; empty if there is none.
    package func firstLineBlocking(_ path: String) -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        let request = Array("GET /\(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        guard isConnected, write(descriptor, request, request.count) == request.count else { return "" }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        let text = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
        return text.split(separator: "\r\n").first.map(String.init) ?? ""
    }
}
