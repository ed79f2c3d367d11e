import Foundation

/// A child process that dies with this one.
///
/// The kernel kills the child when the thread that started it ends; that thread does nothing but wait for the child, so
/// it ends early only if this whole process does. Needs `setpriv` (util-linux) and `bash`.
package final class ServerProcess: Sendable {
    /// Why a program could not be started, or how it failed.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String

        package init(description: String) {
            self.description = description
        }
    }

    private let pid: pid_t
    private let exit: Exit

    /// Starts a program.
    /// - Parameters:
    ///   - arguments: The program, found by `PATH`, and what follows it.
    ///   - output: The file that gets what it prints, errors included.
    package init(_ arguments: [String], output: String) async throws {
        let exit = Exit()
        self.exit = exit
        pid = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                do {
                    let pid = try Self.spawn(Self.prelude + arguments, output)
                    continuation.resume(returning: pid)
                    exit.await(pid)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    deinit {
        signal(SIGKILL)
    }

    package var isRunning: Bool { exit.status == nil }

    /// Sends a signal, unless the process has ended.
    package func signal(_ number: Int32) {
        exit.ifRunning { kill(pid, number) }
    }

    /// Waits until the process has ended; 0 means well.
    @discardableResult
    package func waitForExit() async -> Int32 {
        await exit.signal.wait()
        return exit.status ?? -1
    }

    /// Runs a program to its end and returns what it printed.
    @discardableResult
    package static func run(_ arguments: [String]) async throws -> String {
        let folder = try TemporaryFolder()
        let output = folder.path("output")
        let status = try await ServerProcess(arguments, output: output).waitForExit()
        let text = try String(contentsOfFile: output, encoding: .utf8)
        guard status == 0 else {
            throw Failure(description: "\(arguments.joined(separator: " ")) failed with \(status): \(text)")
        }
        return text
    }

    /// Dies with its parent and inherits no sockets: a copy held elsewhere would keep a closed connection open.
    private static let prelude = [
        "setpriv", "--pdeathsig", "KILL", "bash", "-c",
        "for file in /proc/self/fd/*; do n=${file##*/}; [ $n -gt 2 ] && exec {n}>&-; done; exec \"$@\"", "bash",
    ]

    /// No signal is blocked in the child, whatever the starting thread blocks.
    private static func spawn(_ arguments: [String], _ output: String) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&files, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&files, 1, 2)

        var words = arguments.map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var pid = pid_t()
        let error = posix_spawnp(&pid, arguments[0], &files, &attributes, words, environ)
        guard error == 0 else {
            throw Failure(description: "\(arguments[0]) can't be started: \(String(cString: strerror(error)))")
        }
        return pid
    }
}
