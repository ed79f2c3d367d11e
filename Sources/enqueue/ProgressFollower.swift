import Assembly
import TaskQueue

/// Shows a task's way on a terminal: its state, and a bar while it reports progress.
final class ProgressFollower {
    private let bar = ProgressBar()
    private var lastState: TaskState?

    func show(_ record: TaskRecord) {
        if record.state != lastState {
            bar.finish()
            Output.note(record.state.rawValue)
            lastState = record.state
        }
        guard let progress = record.progress, !record.state.isFinal else { return }
        let filled = Int(progress.fraction * 20)
        let gauge = String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
        let eta = progress.etaSeconds.map { ", \(Int($0)) s left" } ?? ""
        bar.show("\(gauge) \(Int(progress.fraction * 100)) % \(progress.message ?? "")\(eta)")
    }

    func finish() {
        bar.finish()
    }
}
