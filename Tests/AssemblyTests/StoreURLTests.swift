import Assembly
import Testing

@Suite("The address of a store")
struct StoreURLTests {
    private static let known =
        "known are sqlite:, memory:, redis:, rediss:, redis+sentinel:, redis+cluster: and, for results, postgres:"

    @Test(
        "has these forms",
        arguments: [
            ("memory:", .memory), ("sqlite:queue.sqlite", .sqlite(path: "queue.sqlite")),
            ("sqlite:/srv/queue.sqlite", .sqlite(path: "/srv/queue.sqlite")),
            ("sqlite:///srv/queue.sqlite", .sqlite(path: "/srv/queue.sqlite")),
            ("sqlite://queue.sqlite", .sqlite(path: "queue.sqlite")),
            ("sqlite:a:b@c?d", .sqlite(path: "a:b@c?d")),
        ] as [(String, StoreURL)])
    func good(_ text: String, _ url: StoreURL) throws {
        #expect(try StoreURL(text, key: "broker.url") == url)
    }

    @Test(
        "is refused with one sentence that names the key",
        arguments: [
            ("", "broker.url: '' has no scheme; use for example sqlite:taskqueue.sqlite"),
            ("queue.sqlite", "broker.url: 'queue.sqlite' has no scheme; use for example sqlite:taskqueue.sqlite"),
            ("memory:x", "broker.url: memory: takes nothing after the colon"),
            ("sqlite:", "broker.url: sqlite: needs a path, as in sqlite:taskqueue.sqlite"),
            ("sqlite://", "broker.url: sqlite: needs a path, as in sqlite:taskqueue.sqlite"),
            ("sqlite::memory:", "broker.url: sqlite: needs a file; use memory: instead"),
            ("mysql://h/db", "broker.url: scheme 'mysql' is not known; \(known)"),
            (":x", "broker.url: scheme '' is not known; \(known)"),
            (
                "redis:localhost",
                "broker.url: the Redis URL can't be used: it has no scheme; it should begin with redis:// "
                    + "or rediss://"
            ),
            (
                "redis://h:0",
                "broker.url: the Redis URL can't be used: a port is not a number from 1 to 65535; "
                    + "IPv6 addresses need brackets"
            ),
            ("redis://h/x", "broker.url: the Redis URL can't be used: the database \"x\" is not a number from 0"),
            ("redis://h?x=1", "broker.url: the Redis URL can't be used: it has an unknown parameter \"x=\""),
            (
                "redis+sentinel://h",
                "broker.url: the Redis URL can't be used: the master's name is missing after the "
                    + "sentinels"
            ),
        ])
    func bad(_ text: String, _ sentence: String) {
        let error = #expect(throws: SettingsError.self) { try StoreURL(text, key: "broker.url") }
        #expect(error?.complaints == [sentence])
    }

    @Test(
        "keeps its secrets, in complaints and in what is shown",
        arguments: [
            "mysql://user:hunter2@host/db", "hunter2@host", "redis://user:hunter2@host:port", "redis://hunter2@host",
            "redis://user:hunt/er2@host", "redis://user:hunt@er2@host/x", "redis://host?sentinel-password=hunt@er2",
            "mysql://host/db?password=hunter2",
            "mysql://user:hunt?er2@host", "user:hunter2@host",
        ])
    func secrets(_ text: String) {
        let error = #expect(throws: SettingsError.self) { try StoreURL(text, key: "broker.url") }
        for shown in [error?.description ?? "", StoreURL.masked(text)] {
            #expect(!shown.contains("hunt") && !shown.contains("er2"))
        }
    }

    @Test(
        "is shown without its secrets",
        arguments: [
            ("memory:", "memory:"), ("sqlite:/srv/a@b?c.sqlite", "sqlite:/srv/a@b?c.sqlite"),
            ("redis://host:6379/2", "redis://host:6379/2"),
            ("redis://u:hunter2@host:6379/2", "redis://***@host:6379/2"),
            ("rediss://u:p@host?ca=/x", "rediss://***@host"), ("redis://u:p?w@host", "redis://…"), ("nonsense", "…"),
        ])
    func masked(_ text: String, _ shown: String) {
        #expect(StoreURL.masked(text) == shown)
    }

    @Test(
        "of Redis has these forms",
        arguments: [
            "redis://h", "redis://h:6379/2", "redis://:p@h", "redis://u:p@h", "rediss://h?verify=ca",
            "unix:///run/redis.sock",
            "redis+sentinel://a:26379,b:26379/main/1", "redis+cluster://a:7000,b:7001",
        ])
    func redis(_ text: String) throws {
        guard case .redis = try StoreURL(text, key: "broker.url") else {
            Issue.record("\(text) is not read as Redis")
            return
        }
    }
}
