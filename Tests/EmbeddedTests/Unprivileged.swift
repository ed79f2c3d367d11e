import Foundation
import Testing

#if os(Linux)
    import Glibc

    /// Runs a body with an ordinary user's rights to files, so that modes count even where tests run as root.
    ///
    /// The rights are the thread's alone (Linux), and the body can't suspend, so no other test notices.
    func unprivileged<Value>(_ body: () throws -> Value) throws -> Value {
        guard geteuid() == 0 else { return try body() }
        let symbol = try #require(dlsym(nil, "setfsuid"))
        let setUser = unsafeBitCast(symbol, to: (@convention(c) (uid_t) -> CInt).self)
        let nobody: uid_t = 65534
        _ = setUser(nobody)
        defer { _ = setUser(0) }
        // The call does not report failure; it answers with the user before.
        try #require(setUser(nobody) == CInt(nobody))
        return try body()
    }
#else
    /// Runs a body; elsewhere tests do not run as root.
    func unprivileged<Value>(_ body: () throws -> Value) throws -> Value {
        try body()
    }
#endif
