import SwiftletBytes
import SwiftletWeakToStrong

/// Shows the progress of a run: a bar for the stage that runs, and a line for each that is complete.
final class RunProgress {
    private let quiet: QuietOption
    private var bar: ProgressBar?

    init(quiet: QuietOption) { self.quiet = quiet }

    deinit { bar?.finish() }

    /// Shows an event.
    func show(_ event: RunEvent) {
        switch event {
        case .skipped: break
        case .started(let position, let status, _):
            bar = nil
            switch status {
            case .started: line(position, "continues")
            case .again(let reason): line(position, "again, because \(reason)")
            default: break
            }
        case .progress(let position, let progress):
            let bar =
                self.bar
                ?? ProgressBar(
                    title(position), total: progress.total, done: progress.done,
                    unit: progress.unit, quiet: quiet.quiet)
            self.bar = bar
            bar.update(progress.done, progress.note)
        case .note(let position, let text): line(position, text)
        case .finished(let position, let seconds, let left):
            let rest = left.map { ", about \(PlanText.time($0)) left" } ?? ""
            line(position, "\(PlanText.time(seconds))\(rest)")
        }
    }

    /// Clears the bar.
    func finish() { bar?.finish() }

    private func title(_ position: RunEvent.Position) -> String {
        "[\(position.number)/\(position.count)] \(position.id.text)"
    }

    private func line(_ position: RunEvent.Position, _ text: String) {
        bar?.finish()
        bar = nil
        quiet.note("\(title(position)): \(text)")
    }
}
