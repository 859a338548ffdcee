import SwiftletBytes
import SwiftletTuning

/// Shows the progress and the result of a fine-tuning run.
final class FinetuneProgress {
    private let output: String
    private let quiet: QuietOption
    private let json: Bool
    private var bar: ProgressBar?
    private var timing: StepTiming?

    init(output: String, quiet: QuietOption, json: Bool) {
        self.output = output
        self.quiet = quiet
        self.json = json
    }

    deinit { bar?.finish() }

    /// Shows an event of the run.
    func show(_ event: FineTuneEvent) {
        switch event {
        case .started(let start):
            if start.done > 0 { quiet.note("continuing after step \(start.done)") }
            quiet.note(
                "\(start.parameters) parameters, "
                    + "\(MemoryEstimate.text(start.stateBytes)) of state, "
                    + "\(start.lines) lines, \(start.total) steps")
            let memory = start.memory
            quiet.note(
                "needs about \(MemoryEstimate.text(memory.total)) of memory, "
                    + "\(MemoryEstimate.text(memory.activations + memory.logits)) of it for "
                    + "micro-batches of up to \(memory.tokens) tokens")
            if let note = start.memoryNote { quiet.note(note) }
            timing = StepTiming(done: start.done, total: start.total)
            bar = ProgressBar(
                "training", total: start.total, done: start.done, unit: "steps",
                quiet: quiet.quiet)
        case .comparison(let done, let total):
            if done == 0 {
                quiet.note("computing the reference's log-probabilities of \(total) lines")
                bar = ProgressBar("comparing", total: total, unit: "lines", quiet: quiet.quiet)
            }
            bar?.update(done)
            if done == total { bar?.finish() }
        case .step(let step):
            if let seconds = timing?.estimate(after: step.number) {
                bar?.finish()
                quiet.note("about \(StepTiming.text(seconds)) for the remaining steps")
            }
            bar?.update(
                step.number,
                "loss \(step.loss.map(Self.short) ?? "none"), \(Int(step.tokensPerSecond)) tokens/s"
            )
        case .evaluation(let step, let result):
            bar?.finish()
            let accuracy = result.accuracy.map { ", accuracy \(Self.short($0))" } ?? ""
            quiet.note("step \(step): evaluation loss \(Self.short(result.loss))\(accuracy)")
        case .saved: break
        case .damagedState(let error):
            quiet.note("\(error); continuing from an older state")
        }
    }

    /// Prints the result.
    func report(_ result: FineTuneResult) {
        bar?.finish()
        if result.wasComplete { quiet.note("\(output): the run was already complete") }
        if let best = result.best {
            let ending = result.stoppedEarly ? "stopped after step \(result.steps); " : ""
            quiet.note(
                "\(ending)best evaluation: \(best.metric.rawValue) "
                    + "\(Self.short(best.value)) at step \(best.step)")
        }
        if result.overflows > 0 {
            quiet.note("\(result.overflows) values are too large for f16 and became infinite")
        }
        var object: JSONObject = [
            "steps": JSONValue(result.steps),
            "loss": result.loss.map { JSONValue(finite: $0) } ?? .null,
            "eval_loss": (result.evaluation?.loss).map { JSONValue(finite: $0) } ?? .null,
            "tokens": JSONValue(result.tokens), "seconds": JSONValue(finite: result.seconds),
        ]
        if let accuracy = result.evaluation?.accuracy {
            object.append("eval_accuracy", JSONValue(finite: accuracy))
        }
        object.append("stop_reason", .string(result.stoppedEarly ? "patience" : "steps"))
        if let best = result.best {
            object.append("best_step", JSONValue(best.step))
            object.append("best_value", JSONValue(finite: best.value))
        }
        if json {
            StandardOutput.shared.line(object)
        } else {
            let loss = result.loss.map { ", loss \(Self.short($0))" } ?? ""
            StandardOutput.shared.line("\(output): \(result.steps) steps\(loss)")
        }
    }

    private static func short(_ value: Double) -> String {
        guard value.isFinite else { return "\(value)" }
        return "\((value * 10_000).rounded() / 10_000)"
    }
}
