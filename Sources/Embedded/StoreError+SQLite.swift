import Foundation
import GRDB
import TaskQueue

#if os(Linux)
    import Glibc
#else
    import Darwin
#endif

extension StoreError {
    /// Says in our words what SQLite says in numbers.
    init(sqlite error: any Error, doing what: String, path: String) {
        if let error = error as? StoreError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.unavailable, "\(path): could not \(what): \(error)")
            return
        }
        let (code, advice): (Code, String) =
            switch error.resultCode.primaryResultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED:
                (.busy, "another process holds the write lock; nothing was changed; try again")
            case .SQLITE_FULL: (.full, "the disk is full; nothing was changed; make room and it goes on")
            case .SQLITE_READONLY, .SQLITE_PERM:
                (.readOnly, Self.unwritableFolder(of: path) ?? "the file can't be written; check owner and mode")
            case .SQLITE_NOTADB: (.incompatible, "the file is not an SQLite database; name another file")
            case .SQLITE_CORRUPT:
                (.incompatible, "the file is damaged; restore it, or try sqlite3's .recover on a copy")
            case .SQLITE_CANTOPEN: Self.whyNotOpened(path)
            case .SQLITE_IOERR: (.unavailable, "the disk reports an error; nothing was changed")
            default: (.unavailable, "SQLite error \(error.extendedResultCode.rawValue)")
            }
        // SQLite's own message names tables and columns, never values; GRDB's would add the arguments.
        self.init(code, "\(path): could not \(what): \(error.message ?? "no message"); \(advice)")
    }

    /// What SQLite does not say about a file that it can't open.
    private static func whyNotOpened(_ path: String) -> (Code, String) {
        let folder = URL(filePath: path).deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
            return (.incompatible, "it is a folder; name a file in it")
        }
        guard FileManager.default.fileExists(atPath: folder) else {
            return (.unavailable, "there is no folder \(folder); create it, or name another")
        }
        if let words = unwritableFolder(of: path) { return (.readOnly, words) }
        return (.unavailable, "check the file's owner and mode, and how many files may be open")
    }

    /// SQLite keeps its log beside the file, so that a writable file in a folder that is not is of no use.
    private static func unwritableFolder(of path: String) -> String? {
        let folder = URL(filePath: path).deletingLastPathComponent().path
        guard faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) != 0 else { return nil }
        return "files can't be created in \(folder); check owner and mode"
    }
}
