import SwiftletBytes

/// How a run ended that evaluations may end early or choose the result of, in its output folder.
struct RunEnding {
    /// Why a run made no more steps.
    enum Reason: String {
        /// All steps were made.
        case steps
        /// There was no improvement for too long.
        case patience
    }

    static let file = "training_result.json"
    private static let version = 1

    /// Steps made in all.
    let steps: Int
    let reason: Reason
    /// The best evaluation, if there was one.
    let best: BestEvaluation?

    /// Writes it into an output folder.
    func write(to output: String) throws(SwiftletError) {
        var object: JSONObject = [
            "version": JSONValue(Self.version), "steps": JSONValue(steps),
            "stop_reason": .string(reason.rawValue),
        ]
        if let best {
            object.append("metric", .string(best.metric.rawValue))
            object.append("best_step", JSONValue(best.step))
            object.append("best_value", JSONValue(finite: best.value))
        }
        try AtomicFile.write(
            [UInt8]((JSONValue.object(object).text(pretty: true) + "\n").utf8),
            to: FileSystem.join(output, Self.file))
    }

    /// Reads that of a complete run.
    ///
    /// - Returns: nil for a run without, or a file that is damaged: it is only reported.
    static func read(_ output: String) -> RunEnding? {
        guard let object = try? JSONValue.read(path: FileSystem.join(output, file)),
            object["version"]?.int == version, let steps = object["steps"]?.int,
            let reason = object["stop_reason"]?.string.flatMap(Reason.init(rawValue:))
        else { return nil }
        var best: BestEvaluation?
        if let metric = object["metric"]?.string.flatMap(EvaluationMetric.init(rawValue:)),
            let step = object["best_step"]?.int, let value = object["best_value"]?.double
        {
            best = BestEvaluation(metric: metric, step: step, value: value)
        }
        return RunEnding(steps: steps, reason: reason, best: best)
    }
}
