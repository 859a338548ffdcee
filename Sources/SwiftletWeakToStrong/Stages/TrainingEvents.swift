import SwiftletTuning

/// Turns the events of a fine-tuning run into the progress of a stage.
struct TrainingEvents {
    private let work: StageWork
    private var total = 1

    init(_ work: StageWork) { self.work = work }

    /// Passes on an event.
    mutating func show(_ event: FineTuneEvent) {
        switch event {
        case .started(let start):
            total = start.total
            if start.done > 0 { work.onNote("continuing after step \(start.done)") }
            if let note = start.memoryNote { work.onNote(note) }
            report(start.done, "")
        case .step(let step):
            let loss = step.loss.map { "loss \(($0 * 10_000).rounded() / 10_000)" } ?? "no loss"
            report(step.number, loss)
        default: break
        }
    }

    private func report(_ done: Int, _ note: String) {
        work.onProgress(StageProgress(done: done, total: total, unit: "steps", note: note))
    }
}
