import Embedded
import Foundation
import GRDB
import TaskQueue
import TestSupport

/// One process's view of a queue file: of two depots on one path, neither knows of the other.
struct Depot {
    let path: String
    let broker: SQLiteBroker
    let results: SQLiteResultStore
    var client: TaskClient { TaskClient(broker: broker, results: results) }

    init(
        _ path: String, clock: StoreClock = .wall, busyTimeout: Duration = .seconds(5), recordsOutcomes: Bool = true
    ) throws {
        self.path = path
        let file = try SQLiteFile(path: path, clock: clock, busyTimeout: busyTimeout)
        broker = SQLiteBroker(file, recordsOutcomes: recordsOutcomes)
        results = SQLiteResultStore(file)
    }

    /// A worker that knows `scripted` and, as far as the test is concerned, never looks by itself.
    func worker(_ handler: Scripted, log: LogBook = LogBook()) -> Worker {
        var registry = TaskRegistry()
        registry.register(handler)
        var configuration = WorkerConfiguration()
        configuration.idleInterval = .seconds(3600)
        return Worker(
            broker: broker, results: results, registry: registry, configuration: configuration, logger: log.logger())
    }

    /// A task that a worker of this suite can run.
    static func message(bytes: Int = 0) -> TaskMessage {
        let text = String(repeating: "x", count: bytes)
        return TaskMessage(task: Scripted.name, payload: Array(#"{"text":"\#(text)"}"#.utf8))
    }
}

/// What becomes of a file that SQLite is asked to open.
func refusal(_ path: String) -> StoreError? {
    do throws(StoreError) {
        _ = try SQLiteFile(path: path, busyTimeout: .milliseconds(100))
        return nil
    } catch {
        return error
    }
}

/// Names and contents of everything in a folder.
func contents(_ folder: TemporaryFolder) throws -> [String: Data] {
    try FileManager.default.contentsOfDirectory(atPath: folder.url.path).reduce(into: [:]) { all, name in
        all[name] = try Data(contentsOf: folder.url.appending(path: name))
    }
}
