import Redis
import Testing

@Suite("A Redis URL")
struct RedisURLTests {
    private static let here = RedisAddress(host: "example.test", port: 6379)

    @Test(
        "says where one server is",
        arguments: [
            ("redis://example.test", here), ("REDIS://example.test/", here), ("redis://", localhost),
            ("redis://example.test:7000", RedisAddress(host: "example.test", port: 7000)),
            ("redis://[::1]:7000", RedisAddress(host: "::1", port: 7000)),
            ("redis://[fe80::1]", RedisAddress(host: "fe80::1", port: 6379)),
            ("unix:///run/redis/redis.sock", RedisAddress(unixSocket: "/run/redis/redis.sock")),
            ("unix:///run/a%20b%40c", RedisAddress(unixSocket: "/run/a b@c")),
        ])
    func single(_ url: String, _ address: RedisAddress) throws {
        let configuration = try RedisConfiguration(url: url)
        #expect(configuration.servers == .single(address))
        #expect(configuration.tls == nil)
        #expect(configuration.credentials == nil)
    }

    private static let localhost = RedisAddress(host: "localhost", port: 6379)

    @Test("lists sentinels and their master, whose database may follow")
    func sentinels() throws {
        let url = "rediss+sentinel://me:pw@a,b:7000,[::1]:7001/mine/3?sentinel-user=s&sentinel-password=t%40"
        let configuration = try RedisConfiguration(url: url)
        let sentinels = [
            RedisAddress(host: "a", port: 26379), RedisAddress(host: "b", port: 7000),
            RedisAddress(host: "::1", port: 7001),
        ]
        #expect(configuration.servers == .sentinel(sentinels, master: "mine"))
        #expect(configuration.database == 3)
        #expect(configuration.credentials == RedisCredentials(user: "me", password: "pw"))
        #expect(configuration.sentinelCredentials == RedisCredentials(user: "s", password: "t@"))
        #expect(configuration.tls == RedisTLS())
    }

    @Test("lists nodes of a cluster", arguments: [("redis", false), ("rediss", true)])
    func cluster(_ scheme: String, isEncrypted: Bool) throws {
        let configuration = try RedisConfiguration(url: "\(scheme)+cluster://a:1,b")
        #expect(
            configuration.servers
                == .cluster([RedisAddress(host: "a", port: 1), RedisAddress(host: "b", port: 6379)]))
        #expect((configuration.tls != nil) == isEncrypted)
    }

    @Test(
        "carries a user and a password, encoded or not",
        arguments: [
            ("redis://:pw@h", nil, "pw"), ("redis://me:pw@h", "me", "pw"), ("redis://me:@h", "me", ""),
            ("redis://me:p%40w%2F%3F%25@h", "me", "p@w/?%"), ("redis://me:p@w@h", "me", "p@w"),
            ("redis://me:a:b@h", "me", "a:b"), ("redis://%C3%A4:%C3%B6@h", "ä", "ö"),
        ] as [(String, String?, String)])
    func credentials(_ url: String, _ user: String?, _ password: String) throws {
        let configuration = try RedisConfiguration(url: url)
        #expect(configuration.credentials == RedisCredentials(user: user, password: password))
        #expect(configuration.servers == .single(RedisAddress(host: "h", port: 6379)))
    }

    @Test(
        "chooses a database", arguments: [("redis://h/7", 7), ("redis://h?database=8", 8), ("unix:///s?database=9", 9)])
    func database(_ url: String, _ number: Int) throws {
        #expect(try RedisConfiguration(url: url).database == number)
    }

    @Test("names the files of TLS and what to verify")
    func encrypted() throws {
        let url = "rediss://h?ca_file=%2Fca.pem&cert_file=/c.pem&key_file=/c.key&verify=ca"
        let wanted = RedisTLS(authority: "/ca.pem", certificate: "/c.pem", key: "/c.key", verification: .ca)
        #expect(try RedisConfiguration(url: url).tls == wanted)
    }
}
