import Embedded
import Foundation
import GRDB
import TaskQueue
import TestSupport
import Testing

@Suite("A file that can't be a queue")
struct UnusableFileTests {
    private static let text = Data(String(repeating: "not a database\n", count: 500).utf8)

    @Test("text is refused, left as it was, and nothing is put beside it")
    func text() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("notes.txt")
        try Self.text.write(to: URL(filePath: path))
        let error = try #require(refusal(path))
        #expect(error.code == .incompatible)
        #expect(error.message.hasPrefix("\(path): could not open: "))
        #expect(error.message.hasSuffix("the file is not an SQLite database; name another file"))
        #expect(try contents(folder) == ["notes.txt": Self.text])
    }

    @Test("somebody else's database is refused and left as it was")
    func somebodyElses() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("shop.sqlite")
        do {
            let shop = try DatabaseQueue(path: path)
            try shop.write { try $0.execute(sql: "CREATE TABLE tasks (id); INSERT INTO tasks VALUES (1)") }
        }
        let before = try contents(folder)
        let error = try #require(refusal(path))
        #expect(error.code == .incompatible)
        #expect(error.message == "\(path) is an SQLite database but not TaskQueue's; name another file")
        #expect(try contents(folder) == before)
    }

    @Test("a schema of another version is refused and left as it was", arguments: [5, 99, -1])
    func otherVersion(_ version: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.path("queue.sqlite")
        _ = try Depot(path)
        try DatabaseQueue(path: path).writeWithoutTransaction {
            try $0.execute(sql: "PRAGMA user_version = \(version); PRAGMA wal_checkpoint(TRUNCATE)")
        }
        let before = try Data(contentsOf: URL(filePath: path))
        let error = try #require(refusal(path))
        #expect(error.code == .incompatible)
        #expect(
            error.message == "\(path) has schema \(version), this binary knows 4; run a newer TaskQueue on it")
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }

    @Test("a file of the version before is brought up to date and keeps its tasks and leases")
    func olderVersion() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("queue.sqlite")
        let message = Depot.message()
        let lease = WorkerLease(worker: "old", duration: .seconds(3600))
        do {
            let depot = try Depot(path)
            _ = try await depot.client.enqueue([message])
            _ = try await depot.broker.renew(lease, progress: [:])
            try await depot.broker.tamper(
                """
                ALTER TABLE workers DROP COLUMN lease_ms;
                ALTER TABLE queues DROP COLUMN accepted;
                ALTER TABLE queues DROP COLUMN finished;
                ALTER TABLE queues DROP COLUMN service_seconds;
                DROP TABLE reports;
                DROP TABLE orders;
                PRAGMA user_version = 1
                """)
        }
        let depot = try Depot(path)
        #expect(try await depot.client.status(message.id)?.state == .pending)
        #expect(try await depot.broker.recover().isEmpty)
        #expect(try await depot.broker.workers().map(\.worker) == ["old"])
        #expect(try await depot.broker.renew(lease, progress: [:]).isEmpty)
    }

    @Test("an empty file becomes a queue")
    func empty() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("queue.sqlite")
        try Data().write(to: URL(filePath: path))
        let depot = try Depot(path)
        #expect(try await depot.broker.queues().isEmpty)
    }

    @Test("a folder, and a file in a folder that is not there, are refused with what to do")
    func folders() throws {
        let folder = try TemporaryFolder()
        let itself = try #require(refusal(folder.url.path))
        #expect(itself.code == .incompatible)
        #expect(itself.message.hasSuffix("it is a folder; name a file in it"))
        let missing = try #require(refusal(folder.path("missing/queue.sqlite")))
        #expect(missing.code == .unavailable)
        #expect(missing.message.hasSuffix("there is no folder \(folder.path("missing")); create it, or name another"))
    }

    @Test("a damaged file says so, and what can be done")
    func damaged() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("queue.sqlite")
        do {
            let depot = try Depot(path)
            _ = try await depot.broker.enqueue((0..<500).map { _ in Depot.message(bytes: 1000) })
        }
        try await DatabaseQueue(path: path).writeWithoutTransaction {
            try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
        // All but the first page, which holds the schema.
        let file = try FileHandle(forUpdating: URL(filePath: path))
        let size = try file.seekToEnd()
        try file.seek(toOffset: 4096)
        try file.write(contentsOf: Data(repeating: 0xA5, count: Int(size) - 4096))
        try file.close()

        let depot = try Depot(path)
        let error = await #expect(throws: StoreError.self) { try await depot.broker.queues() }
        #expect(error?.code == .incompatible && error?.isTransient == false)
        #expect(error?.message.hasPrefix("\(path): could not read queues: ") == true)
        #expect(error?.message.contains("the file is damaged") == true)
    }

    @Test("a file that may only be read is refused as such")
    func readOnlyFile() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("queue.sqlite")
        _ = try Depot(path)
        try setMode(0o777, folder.url.path)
        try setMode(0o444, path)
        let error = try #require(try unprivileged { refusal(path) })
        #expect(error.code == .readOnly)
        #expect(error.message.hasPrefix("\(path): could not open: "))
        #expect(error.message.hasSuffix("the file can't be written; check owner and mode"))
    }

    @Test("a folder that may only be read is named", arguments: [true, false])
    func readOnlyFolder(_ fileExists: Bool) throws {
        let folder = try TemporaryFolder()
        let path = folder.path("queue.sqlite")
        if fileExists {
            _ = try Depot(path)
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.url.path) {
                try setMode(0o666, folder.path(name))
            }
            // SQLite's log is removed when the last connection closes and can't be made again here.
            for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        }
        try setMode(0o555, folder.url.path)
        defer { try? setMode(0o755, folder.url.path) }
        let error = try #require(try unprivileged { refusal(path) })
        #expect(error.code == .readOnly)
        #expect(error.message.hasSuffix("files can't be created in \(folder.url.path); check owner and mode"))
    }

    private func setMode(_ mode: Int, _ path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }
}
