import Assembly
import TaskQueue
import Testing

@Suite("An explanation")
struct ExplanationTests {
    private static let now = Timestamp(rawValue: 1_800_000_000_000)
    private static let id = TaskID()

    private func record(_ state: TaskState, _ change: (inout TaskRecord) -> Void = { _ in }) -> TaskRecord {
        var record = TaskRecord(
            id: Self.id, task: "resize", queue: "ml", state: state, enqueuedAt: Self.now + .seconds(-60))
        change(&record)
        return record
    }

    private func worker(_ name: String, holding: Int, lease: Duration = .seconds(9)) -> WorkerStatus {
        WorkerStatus(worker: name, holding: holding, leaseExpiresAt: Self.now + lease)
    }

    private func explain(
        _ record: TaskRecord, _ change: (inout Surroundings) -> Void = { _ in }
    ) -> [Explanation.Reason] {
        var surroundings = Surroundings(now: Self.now)
        surroundings.workers = [worker("w-1", holding: 1)]
        change(&surroundings)
        return Explanation(record, surroundings).reasons
    }

    @Test("names the time a task waits for")
    func scheduled() {
        let reasons = explain(record(.pending) { $0.dueAt = Self.now + .seconds(90) })
        #expect(reasons.map(\.cause) == [.scheduled])
        #expect(reasons.first?.sentence == "It is to start at \(Self.now + .seconds(90)), in 90 s.")
    }

    @Test("says that a queue is paused and how to let it go on")
    func paused() {
        let reasons = explain(record(.pending)) { $0.isPaused = true }
        #expect(reasons.map(\.sentence) == ["Queue 'ml' is paused; 'queuectl resume ml' lets it go on."])
    }

    @Test("says that nobody works, and all else that is in the way")
    func nobody() {
        let waiting = record(.pending) { $0.dueAt = Self.now + .seconds(7200) }
        let reasons = explain(waiting) { surroundings in
            surroundings.workers = []
            surroundings.isPaused = true
        }
        #expect(reasons.map(\.cause) == [.scheduled, .paused, .noWorkers])
    }

    @Test("says that no worker serves the queue, if all say which they do")
    func unserved() {
        var other = worker("w-2", holding: 0)
        other.report = WorkerReport(startedAt: Self.now, reportedAt: Self.now)
        other.report?.queues = ["alerts"]
        let reasons = explain(record(.pending)) { $0.workers = [other] }
        #expect(reasons.map(\.cause) == [.notTaken])
        #expect(reasons.first?.sentence == "No living worker serves queue 'ml' (worker.queues); 1 serve others.")
        other.report?.queues = ["alerts", "ml"]
        #expect(
            explain(record(.pending)) { $0.workers = [other] }.first?.sentence.contains("Workers have room") == true)
    }

    @Test(
        "counts what waits ahead", arguments: [(1, "1 task accepted"), (7, "7 tasks"), (1000, "at least 1000 tasks")])
    func behind(_ count: Int, _ words: String) {
        let reasons = explain(record(.pending)) { $0.ahead = count }
        #expect(reasons.map(\.cause) == [.behind])
        #expect(reasons.first?.sentence.hasPrefix(words) == true)
    }

    @Test("suspects that no worker serves it when some have room and none takes it")
    func notTaken() {
        let reasons = explain(record(.pending)) { $0.workers.append(worker("w-2", holding: 0)) }
        #expect(reasons.map(\.cause) == [.notTaken])
        #expect(
            reasons.first?.sentence
                == "Workers have room (1 of 2 hold nothing), and none takes it: perhaps none serves queue 'ml' (--queues) "
                + "or knows task 'resize' (another version).")
    }

    @Test("a task that has only just become ready is about to start")
    func next() {
        let fresh = record(.pending) { $0.enqueuedAt = Self.now }
        #expect(explain(fresh) { $0.workers = [worker("w", holding: 0)] }.map(\.cause) == [.next])
        let due = record(.pending) { $0.dueAt = Self.now }
        #expect(explain(due) { $0.workers = [worker("w", holding: 0)] }.map(\.cause) == [.next])
        #expect(explain(fresh).map(\.cause) == [.workersBusy])
    }

    @Test("remembers the failure that a retry follows")
    func retry() {
        let waiting = record(.retry) { record in
            record.dueAt = Self.now + .seconds(4)
            record.history = [
                AttemptRecord(
                    attempt: 1, worker: "w-1", startedAt: Self.now, finishedAt: Self.now,
                    failure: TaskFailure(.failed, "oops"))
            ]
        }
        let reasons = explain(waiting)
        #expect(reasons.map(\.cause) == [.scheduled, .retrying])
        #expect(reasons.last?.sentence == "Attempt 1 on w-1 failed at \(Self.now): failed: oops.")
    }

    @Test("names the worker that holds it, and whether its lease has lapsed")
    func held() {
        let running = record(.processing) { record in
            record.worker = "w-1"
            record.startedAt = Self.now + .seconds(-30)
            record.attempt = 2
            record.maxAttempts = 4
            record.progress = TaskProgress(0.4, "reading")
        }
        let reasons = explain(running)
        #expect(
            reasons.map(\.sentence) == [
                "Worker w-1 holds it since \(Self.now + .seconds(-30)), for 30 s; this is attempt 2 of 4.",
                "It is 40 % done: reading.",
            ])
        let gone = explain(running) { $0.workers = [worker("w-1", holding: 1, lease: .seconds(-1))] }
        #expect(gone.first?.cause == .leaseLapsed)
    }

    @Test("gives the cause of the end")
    func ended() {
        let failed = record(.failure) { record in
            record.finishedAt = Self.now
            record.attempt = 3
            record.worker = "w-1"
            record.failure = TaskFailure(.timedOut, "stopped at its time limit of 5.0 seconds")
        }
        let reasons = explain(failed) { $0.hasLetter = true }
        #expect(reasons.map(\.cause) == [.ended, .letterKept])
        #expect(
            reasons.first?.sentence
                == "It failed for good at \(Self.now) on attempt 3 by w-1: timed_out: stopped at its time limit of 5.0 "
                + "seconds.")
        #expect(explain(record(.success)).map(\.sentence) == ["It succeeded."])
        #expect(explain(record(.revoked)).map(\.sentence) == ["It was revoked."])
    }
}
