import Redis
import Testing

@Suite("A Redis URL that makes no sense")
struct RedisURLComplaintTests {
    @Test(
        "is refused with a sentence that says what is wrong",
        arguments: [
            ("localhost", "has no scheme"), ("", "has no scheme"), ("http://h", "scheme is none of"),
            ("redis://a,b", "several hosts"), ("redis://h:x", "port"), ("redis://h:0", "port"),
            ("redis://h:65536", "port"), ("redis://h:", "port"), ("redis://::1", "host is empty"),
            ("redis://[::1", "bracket"), ("redis://[::1]x", "[address]:port"), ("redis://user@h", "user:password"),
            ("redis://h/x", "database"), ("redis://h/-1", "database"), ("redis://h/1/2", "too many parts"),
            ("redis://h/99999999999999999999", "database"), ("redis://h?colour=red", "unknown parameter \"colour=\""),
            ("redis://h?ca_file=/x", "need the scheme rediss"), ("rediss://h?verify=maybe", "verify=maybe"),
            ("redis://%ZZ", "hexadecimal"), ("redis://h/%4", "hexadecimal"), ("redis://%ff", "UTF-8"),
            ("redis://:%+1@h", "hexadecimal"), ("unix://h/s", "unix:///path"), ("unix://", "unix:///path"),
            ("redis+sentinel://a", "master's name"), ("redis+sentinel:///m", "names no host"),
            ("redis+cluster://", "names no host"), ("redis+cluster://a,", "host is empty"),
            ("redis+cluster://a/1", "no database other than 0"),
        ])
    func complaint(_ url: String, _ words: String) {
        let error = #expect(throws: RedisError.self) { try RedisConfiguration(url: url) }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains(words) == true, "\(String(describing: error))")
    }

    /// Every place a password can end up in when somebody forgot to encode it, or mistyped something around it.
    @Test(
        "never quotes a piece of the password",
        arguments: [
            "redis://:hush@h:x", "redis://me:hush@[", "redis://hush@h", "redis://me:hush/a@h",
            "redis://me:a/hush@h", "redis://me:a?hush@h", "redis://me:a?hush=1@h", "redis://me:a@b/hush@h",
            "redis://me:a@b?hush@h", "redis://me:hush%@h", "redis://me:%ffhush@h", "redis://me:hush", "hush://",
            "rediss://me:hush@h?verify=x", "redis+sentinel://h/m?sentinel-password=hush&x=1",
            "redis+sentinel://h/m?sentinel-password=hu@hush",
        ])
    func discreet(_ url: String) {
        let error = #expect(throws: RedisError.self) { try RedisConfiguration(url: url) }
        #expect(error.map { !String(reflecting: $0).contains("hush") } == true)
    }

    @Test(
        "and one that does, hide the password however they are printed",
        arguments: [
            "redis://me:hush@h/2", "rediss+cluster://:hush@h", "unix://me:hush@/path",
            "redis+sentinel://me:hush@h/m?sentinel-password=hush&sentinel-user=s",
        ])
    func masked(_ url: String) throws {
        let configuration = try RedisConfiguration(url: url)
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("hush"))
        }
    }

    @Test("prints as a URL that says where and who")
    func printed() throws {
        let url = "redis+sentinel://me:hush@a:1,[::1]:2/m/3"
        #expect("\(try RedisConfiguration(url: url))" == "redis+sentinel://me:***@a:1,[::1]:2/m/3")
    }
}
