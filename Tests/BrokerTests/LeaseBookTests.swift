import TaskQueue
import Testing

@testable import Broker

@Suite("What a broker remembers of a lease")
struct LeaseBookTests {
    private func delivery(_ id: TaskID, fence: Int64, of trade: UInt32 = 0) -> Delivery {
        Delivery(
            id: id, content: .success(TaskMessage(id: id, task: "a")), task: "a", queue: "default", fence: fence,
            attempt: 1, deaths: 0, enqueuedAt: .now, claimedAt: .now, isExpired: false, isCancelled: false, history: [],
            ticket: Holdings.ticket(trade: trade, place: 0))
    }

    /// What would be compared with the server now.
    private func compared(_ book: LeaseBook) -> (lastHeard: UInt32, held: Set<TaskID>)? {
        var book = book
        book.noteNotCompared()
        return book.comparison(gaps: 0).map { ($0.lastHeard, Set($0.held)) }
    }

    @Test("what an exchange claimed is compared only once no earlier one is under way")
    func underWay() throws {
        var book = LeaseBook()
        let (first, second) = (book.startTrade(at: .now), book.startTrade(at: .now))
        let claimed = delivery(TaskID(), fence: 1, of: second.number)
        book.noteHeard(second.number, settled: [], claimed: [claimed])
        #expect(try #require(compared(book)).lastHeard == first.number - 1)
        book.noteHeard(first.number, settled: [], claimed: [])
        let known = try #require(compared(book))
        #expect(known.lastHeard == second.number && known.held == [claimed.id])
    }

    @Test("an older settlement heard late does not let go of a newer claim")
    func lateSettlement() throws {
        var book = LeaseBook()
        let id = TaskID()
        let first = book.startTrade(at: .now)
        let old = delivery(id, fence: 1, of: first.number)
        book.noteHeard(first.number, settled: [], claimed: [old])
        let (settling, claiming) = (book.startTrade(at: .now), book.startTrade(at: .now))
        let new = delivery(id, fence: 2, of: claiming.number)
        book.noteHeard(claiming.number, settled: [], claimed: [new])
        book.noteHeard(settling.number, settled: [Settlement(old, .handBack)], claimed: [])
        #expect(try #require(compared(book)).held == [id])
        book.noteHeard(book.startTrade(at: .now).number, settled: [Settlement(new, .handBack)], claimed: [])
        #expect(try #require(compared(book)).held.isEmpty)
    }

    @Test("what was claimed by no exchange is held until it is settled")
    func claimedByCancelling() throws {
        var book = LeaseBook()
        let held = delivery(TaskID(), fence: 2)
        book.noteHeld(held)
        #expect(try #require(compared(book)).held == [held.id])
        book.noteHeard(book.startTrade(at: .now).number, settled: [Settlement(held, .handBack)], claimed: [])
        #expect(try #require(compared(book)).held.isEmpty)
    }

    @Test("an exchange that failed is told of in the next, and its settlements are no losses")
    func unheard() {
        var book = LeaseBook()
        let held = delivery(TaskID(), fence: 1)
        let failed = book.startTrade(at: .now)
        book.noteUnheard(failed.number, [Settlement(held, .handBack)], at: .now)
        let next = book.startTrade(at: .now)
        #expect(next.unheard == [0, 0, 0, UInt8(failed.number)])
        #expect(next.trulyLost([held.id]).isEmpty)
    }
}
