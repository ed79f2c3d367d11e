import Foundation

/// Notices that the program on disk is another one than before.
///
/// A plain value: it is shown what a look at the file found. What is being written is not a program yet, so a change
/// counts only when two looks in a row found the same.
public struct ProgramWatch: Sendable {
    /// What tells one version of a file from another.
    public struct Stamp: Hashable, Sendable {
        let inode: UInt64
        let size: UInt64
        let modified: Date

        /// Looks at a file, links followed; nil if it is not there.
        public init?(path: String) {
            let path = URL(filePath: path).resolvingSymlinksInPath().path
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
            self.init(
                inode: (attributes[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0,
                size: (attributes[.size] as? NSNumber)?.uint64Value ?? 0,
                modified: attributes[.modificationDate] as? Date ?? .distantPast)
        }

        init(inode: UInt64, size: UInt64, modified: Date) {
            self.inode = inode
            self.size = size
            self.modified = modified
        }
    }

    private var known: Stamp?
    private var last: Stamp?

    /// Begins with the program as it is.
    public init(_ stamp: Stamp?) {
        known = stamp
        last = stamp
    }

    /// Takes in what a look found.
    /// - Returns: Whether there is a new program, told once.
    public mutating func look(_ stamp: Stamp?) -> Bool {
        defer { last = stamp }
        guard let stamp, stamp == last, stamp != known else { return false }
        known = stamp
        return true
    }
}
