import Foundation
import Testing

@testable import Fleet

@Suite("Watching a program's file")
struct ProgramWatchTests {
    private func stamp(_ size: UInt64) -> ProgramWatch.Stamp {
        ProgramWatch.Stamp(inode: 1, size: size, modified: .distantPast)
    }

    @Test("a new program is told once, when it has been the same for two looks")
    func change() {
        var watch = ProgramWatch(stamp(1))
        var told: [Bool] = []
        for size: UInt64 in [1, 2, 3, 3, 3, 3] { told.append(watch.look(stamp(size))) }
        #expect(told == [false, false, false, true, false, false])
    }

    @Test("a program that is gone, or gone and back, is no new one")
    func gone() {
        var watch = ProgramWatch(stamp(1))
        var told: [Bool] = []
        for stamp in [nil, nil, stamp(1), stamp(1), nil, stamp(2), stamp(2)] { told.append(watch.look(stamp)) }
        #expect(told == [false, false, false, false, false, false, true])
    }

    @Test("a file that was written anew, or that a link now leads to, looks different")
    func stamps() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "watch-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (a, b, link) = (folder.appending(path: "a"), folder.appending(path: "b"), folder.appending(path: "link"))
        try Data([1]).write(to: a)
        try Data([1]).write(to: b)
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: a)
        let first = try #require(ProgramWatch.Stamp(path: link.path))
        #expect(ProgramWatch.Stamp(path: a.path) == first)
        try FileManager.default.removeItem(at: link)
        #expect(ProgramWatch.Stamp(path: link.path) == nil)
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: b)
        #expect(ProgramWatch.Stamp(path: link.path) != first)
    }
}
