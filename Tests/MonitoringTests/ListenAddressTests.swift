import Monitoring
import Testing

@Suite("A listen address")
struct ListenAddressTests {
    @Test(
        "is a host and a port",
        arguments: [
            ("127.0.0.1:9100", "127.0.0.1", 9100), ("localhost:0", "localhost", 0), ("[::1]:65535", "::1", 65535),
        ])
    func good(_ text: String, _ host: String, _ port: Int) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.host == host && address.port == port && address.description == text)
    }

    @Test(
        "is nothing else",
        arguments: ["", ":", "9100", "localhost", ":9100", "::1:9100", "[]:1", "h:65536", "h:-1", "h:", "h:x", "h:1 "])
    func bad(_ text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
