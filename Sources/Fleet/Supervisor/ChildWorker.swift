import Foundation
import Subprocess
import Synchronization
import SystemPackage

/// One worker process, from its start to its end.
final class ChildWorker: Sendable {
    private let program: MemberProgram
    private let member: FleetMember
    private let orders = AsyncStream<Subprocess.Signal>.makeStream()
    private let wasAsked = Atomic(false)

    init(_ program: MemberProgram, _ member: FleetMember) {
        self.program = program
        self.member = member
    }

    /// Whether it was asked to end.
    var isLeaving: Bool { wasAsked.load(ordering: .relaxed) }

    /// Asks it to drain; asked again, to hand back.
    func drain() {
        wasAsked.store(true, ordering: .relaxed)
        orders.continuation.yield(.terminate)
    }

    /// Runs the process.
    /// - Parameters:
    ///   - onStart: Called with its process id.
    ///   - onMessage: Called with what it tells about itself.
    func run(
        onStart: @escaping @Sendable (Int32) -> Void, onMessage: @escaping @Sendable (MemberMessage) -> Void
    ) async -> MemberEnd {
        do {
            let (link, theirs) = try Link.pair()
            var options = PlatformOptions()
            // A terminal's Ctrl-C is the supervisor's to pass on, once.
            options.processGroupID = 0
            let result = try await Subprocess.run(
                .path(FilePath(program.path)), arguments: Arguments(program.arguments(of: member)),
                platformOptions: options,
                input: .fileDescriptor(FileDescriptor(rawValue: theirs), closeAfterSpawningProcess: true),
                output: .currentStandardOutput, error: .currentStandardError
            ) { execution in
                onStart(execution.processIdentifier.value)
                // The process is gone when its end of the link is.
                link.listen {
                    if let message = MemberMessage($0) { onMessage(message) }
                } onEnd: { [orders] in
                    orders.continuation.finish()
                }
                for await signal in orders.stream {
                    // Refused only once the process has ended, which is what was asked for.
                    try? execution.send(signal: signal)
                }
            }
            switch result.terminationStatus {
            case .exited(let code): return .exited(code)
            case .signaled(let number): return .signaled(number)
            }
        } catch {
            return .notStarted("\(error)")
        }
    }
}
