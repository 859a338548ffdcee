import ArgumentParser
import SwiftletBytes
import SwiftletLM
import SwiftletTasks
import SwiftletWeakToStrong

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Metrics of a model on a task, or of predictions.",
        discussion: """
            Tasks: sciq (the accuracy of a classification head), slurp (the slots in generated \
            text: SLU-F1 and the like, equal to the official evaluator's), and one's own: classify \
            ({"text" or "ids","label"}, accuracy) and generate ({"prompt","completion"}, exact \
            match; with "entities" also SLU-F1). Predictions are lines {"slurp_id" or \
            "file","entities":[{"type","filler"}]} for slurp, {"id","label"} for classes and \
            {"id","prediction"} for texts. Answers are greedy or of --beams, whatever the model's \
            generation_config.json says; a note names what is not applied. --against \
            compares two systems on the same examples.

            EXAMPLE
              swiftlet evaluate tuned --task slurp --data test.jsonl --prompt-style short
              swiftlet evaluate --predictions predictions.jsonl --gold test.jsonl --json
              swiftlet evaluate --predictions a.jsonl --gold test.jsonl --against b.jsonl
            """)

    @Argument(help: "A model folder, or an id in the Hub cache.")
    var model: String?

    @Option(help: "The task (with --predictions, default: by the keys of the gold's first line).")
    var task: TaskKind?

    @Option(help: ArgumentHelp("The task's data, for a model.", valueName: "file"))
    var data: String?

    @OptionGroup var predictions: PredictionsOptions
    @OptionGroup var answers: AnswerOptions

    @Option(
        help: ArgumentHelp(
            "Seed of SciQ's labels and wrong answers, and of the resamples of --against.",
            valueName: "n"))
    var seed: UInt64 = 0

    @OptionGroup var running: RunningOptions
    @OptionGroup var json: JSONOption
    @OptionGroup var quiet: QuietOption

    func validate() throws {
        if (model == nil) == (predictions.predictions == nil) {
            throw ValidationError("give a MODEL with --data, or --predictions with --gold")
        }
        if model != nil {
            if data == nil || task == nil {
                throw ValidationError("a model needs --task and --data")
            }
            if predictions.gold != nil || predictions.missing != nil {
                throw ValidationError("--gold and --missing go with --predictions")
            }
        } else {
            if predictions.gold == nil || data != nil {
                throw ValidationError("--predictions needs --gold, and no --data")
            }
            if answers.isUsed || running.adapter != nil {
                throw ValidationError(
                    "--prompt-style, --beams, --max-new-tokens, --batch-size, --limit, "
                        + "--uncertainty, --predictions-out and --adapter need a MODEL")
            }
        }
    }

    func run() throws {
        if let model, let data, let task {
            try evaluate(model, task, data)
        } else if let file = predictions.predictions, let gold = predictions.gold {
            try evaluate(file, gold: gold)
        }
    }

    private var taskOptions: TaskOptions {
        TaskOptions(prompt: answers.promptStyle ?? .full, seed: seed)
    }

    private func evaluate(_ file: String, gold: String) throws(SwiftletError) {
        let evaluator = try PredictionsEvaluator(
            gold: gold, kind: task, options: taskOptions, missing: predictions.missing ?? .empty)
        let evaluation = try evaluator.evaluate(file)
        if evaluation.ignoredCount > 0 {
            quiet.note("\(evaluation.ignoredCount) predictions have no gold answer")
        }
        if evaluation.missingCount > 0 {
            let verb = predictions.missing == .skip ? "are skipped" : "count as wrong"
            quiet.note(
                "\(evaluation.missingCount) of \(evaluation.goldCount) examples have no prediction "
                    + "and \(verb)")
        }
        try show(evaluation.json, evaluation.scores, evaluator, unit: evaluation.unit)
    }

    private func evaluate(_ path: String, _ task: TaskKind, _ data: String) throws(SwiftletError) {
        let data = try TaskData(task, path: data, options: taskOptions, limit: answers.limit)
        let context = try running.context()
        let model = try running.model(path, context, quiet)
        let evaluator = try TaskEvaluator(model, context: context, options: answers.options)
        if let note = evaluator.note(task) { quiet.note(note) }
        let bar = ProgressBar(
            "evaluating", total: data.count, unit: "examples", quiet: quiet.quiet)
        defer { bar.finish() }
        let evaluation = try evaluator.evaluate(data) { bar.update($0) }
        bar.finish()
        if evaluation.truncatedCount > 0 {
            quiet.note("\(evaluation.truncatedCount) texts were cut to fit the context")
        }
        if let file = answers.predictionsOut { try evaluation.writePredictions(to: file) }
        var other: PredictionsEvaluator?
        if predictions.against != nil {
            other = try PredictionsEvaluator(
                gold: data.path, kind: task, options: taskOptions, limit: answers.limit)
        }
        try show(evaluation.json, evaluation.scores, other, unit: .utterance)
    }

    /// Prints an evaluation, and how it compares with `--against`.
    private func show(
        _ object: JSONObject, _ scores: TaskScores, _ evaluator: PredictionsEvaluator?,
        unit: SLURPPredictions.Unit?
    ) throws(SwiftletError) {
        var object = object
        var comparisons: [TaskComparison] = []
        var other: PredictionsEvaluation?
        if let against = predictions.against, let evaluator {
            let evaluation = try evaluator.evaluate(against, unit: unit)
            guard evaluation.scores.unitCount == scores.unitCount else {
                throw SwiftletError(
                    .taskLine, file: against,
                    "\(evaluation.scores.unitCount) examples, but \(scores.unitCount) to compare with"
                )
            }
            comparisons = TaskComparison.compare(scores, evaluation.scores, by: bootstrap)
            object.append("against", .object(evaluation.json))
            object.append("significance", .array(comparisons.map { .object($0.json(bootstrap)) }))
            other = evaluation
        }
        if json.json {
            StandardOutput.shared.line(object)
            return
        }
        Self.show(scores, object)
        guard let other else { return }
        StandardOutput.shared.line("against \((predictions.against ?? "").printable)")
        Self.show(other.scores, other.json)
        for comparison in comparisons { StandardOutput.shared.line(comparison.text) }
    }

    private static func show(_ scores: TaskScores, _ object: JSONObject) {
        for (name, value) in scores.values { StandardOutput.shared.line("\(name)\t\(value)") }
        for key in ["examples", "missing", "ignored", "unfinished", "truncated"] {
            if let count = object[key]?.int { StandardOutput.shared.line("\(key)\t\(count)") }
        }
        if let parsing = object["parsing"]?.object {
            for (status, count) in parsing.pairs {
                StandardOutput.shared.line("\(status)\t\(count.text())")
            }
        }
    }

    private var bootstrap: PairedBootstrap {
        PairedBootstrap(resamples: predictions.resamples, seed: seed)
    }
}
