import SwiftletBytes

/// The evaluation of a predictions file.
public struct PredictionsEvaluation: Sendable {
    /// The task.
    public let kind: TaskKind
    /// The scores.
    public let scores: TaskScores
    /// What SLURP's predictions are for; nil for other tasks, and without any prediction.
    public let unit: SLURPPredictions.Unit?
    /// The number of units in the gold: examples, utterances or recordings.
    public let goldCount: Int
    /// The number of gold units without a prediction.
    public let missingCount: Int
    /// The number of predictions without gold.
    public let ignoredCount: Int

    /// The metrics and counts, as `evaluate --json` prints them.
    public var json: JSONObject {
        var object: JSONObject = ["task": .string(kind.rawValue)]
        for (name, value) in scores.values { object.append(name, JSONValue(finite: value)) }
        object.append("examples", JSONValue(goldCount))
        object.append("missing", JSONValue(missingCount))
        object.append("ignored", JSONValue(ignoredCount))
        if let slots = scores.slots { object.append("counts", .object(slots.countsJSON)) }
        return object
    }
}

/// Evaluates predictions files against the same gold answers.
public struct PredictionsEvaluator: Sendable {
    /// The task.
    public let kind: TaskKind
    private let gold: Gold
    private let missing: MissingPrediction

    private enum Gold {
        case utterances([SLURPUtterance], path: String)
        case examples([TaskExample])
    }

    /// Reads gold answers.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - kind: the task; nil for what the file's first line shows (``TaskKind/init(goldAt:)``).
    ///   - options: how SciQ's questions become rows.
    ///   - limit: the number of lines to read; nil for all.
    ///   - missing: how a unit without a prediction counts.
    /// - Throws: no input (66); bad data (65), naming file, line and key.
    public init(
        gold path: String, kind: TaskKind? = nil, options: TaskOptions = TaskOptions(),
        limit: Int? = nil, missing: MissingPrediction = .empty
    ) throws(SwiftletError) {
        let kind = if let kind { kind } else { try TaskKind(goldAt: path) }
        self.kind = kind
        self.missing = missing
        gold =
            kind == .slurp
            ? .utterances(try SLURPUtterance.read(path: path, limit: limit), path: path)
            : .examples(
                try TaskData.gold(kind, path: path, options: options, limit: limit).examples())
    }

    /// Evaluates a predictions file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - unit: what SLURP's predictions must be for; nil for what they are for.
    /// - Returns: the evaluation.
    /// - Throws: no input (66); bad data (65), naming file, line and key.
    public func evaluate(
        _ path: String, unit: SLURPPredictions.Unit? = nil
    ) throws(SwiftletError) -> PredictionsEvaluation {
        switch gold {
        case .utterances(let utterances, let goldPath):
            let predictions = try SLURPPredictions(path: path)
            if let unit, let found = predictions.unit, found != unit {
                throw SwiftletError(
                    .taskLine, file: path,
                    "the predictions are by \"\(found.rawValue)\" and not by \"\(unit.rawValue)\"",
                    at: "line 1")
            }
            let evaluation: SLURPEvaluation
            do throws(SwiftletError) {
                evaluation = try SLURPEvaluation(
                    predictions, gold: utterances, unit: unit, missing: missing)
            } catch {
                throw error.inFile(goldPath)
            }
            return PredictionsEvaluation(
                kind: kind, scores: TaskScores(slots: evaluation.metrics),
                unit: predictions.unit ?? unit, goldCount: evaluation.goldCount,
                missingCount: evaluation.missingCount, ignoredCount: evaluation.ignoredCount)
        case .examples(let examples):
            let evaluation = try AnswerEvaluation(
                try Answer.read(path: path), path: path, examples: examples, missing: missing)
            return PredictionsEvaluation(
                kind: kind, scores: evaluation.scores, unit: nil, goldCount: examples.count,
                missingCount: evaluation.missingCount, ignoredCount: evaluation.ignoredCount)
        }
    }
}
