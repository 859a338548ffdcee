import SwiftletBytes
import SwiftletLM
import SwiftletTasks

/// Evaluates a model on the test data (METHOD §10).
struct EvaluateStage: Stage {
    let id: StageID
    let kind = "evaluate"
    let model: StageModel
    let task: TaskKind
    let prompt: SlotPrompt
    let answers: RunConfiguration.Answers
    /// How the uncertainty of answers is computed; nil does not compute that of texts, which needs
    /// a second pass.
    let evidence: Evidential?

    static let predictions = "predictions.jsonl"
    static let metrics = "metrics.json"

    private var rows: StageID { StageID(seed: id.seed, name: SplitStage.name) }

    /// The form of the rows: the number of a class stands for SciQ's labels too.
    private var rowKind: TaskKind { task.hasClasses ? .classify : task }

    var settings: JSONObject {
        var settings: JSONObject = ["task": .string(task.rawValue)]
        if task == .slurp { settings.append("prompt", .string(prompt.rawValue)) }
        if !task.hasClasses {
            for pair in answers.identity.pairs { settings.append(pair.key, pair.value) }
        }
        if let evidence {
            settings.append("evidence", .string(evidence.evidence.rawValue))
            settings.append("clamp", JSONValue(finite: evidence.clamp))
            settings.append("offset", JSONValue(finite: evidence.offset))
        }
        return settings
    }

    var inputs: [StageInput] { [.stage(rows, .file(SplitStage.test))] + model.inputs }

    func estimate(_ sizes: RunSizes) -> StageEstimate {
        guard let shape = sizes.shapes[model.base] else { return StageEstimate() }
        let examples = Double(sizes.testRows)
        var estimate =
            task.hasClasses
            ? shape.scoring(examples: examples, tokens: sizes.tokens, rows: 0)
            : shape.generating(
                examples: examples, prompt: sizes.promptTokens, answer: sizes.answerTokens,
                beams: answers.beams)
        estimate.outputBytes = Int(examples * (sizes.tokens * 4 + 200))
        return estimate
    }

    func run(_ work: StageWork) throws(SwiftletError) {
        let opened = try model.open(work)
        if let note = opened.model.decoder.memoryNote(work.context.precision) { work.onNote(note) }
        let data = try TaskData(
            rowKind, path: work.folder.path(of: rows, SplitStage.test),
            options: TaskOptions(prompt: prompt))
        var options = EvaluationOptions(
            maxNewTokens: answers.maxNewTokens, beams: answers.beams > 1 ? answers.beams : nil)
        if let evidence, task.hasClasses { options.classEvidence = evidence }
        if !task.hasClasses { options.tokenEvidence = evidence }
        let evaluator = try TaskEvaluator(
            opened.model, context: work.context, options: options)
        if let note = evaluator.note(task) { work.onNote(note) }
        let journal =
            task.hasClasses
            ? nil : try AnswerJournal(path: work.output(Self.predictions + ".partial"))
        let evaluation = try evaluator.evaluate(data, journal: journal) {
            (done) throws(SwiftletError) in
            try work.checkStop()
            work.onProgress(
                StageProgress(done: done, total: data.count, unit: "examples", note: ""))
        }
        try evaluation.writePredictions(to: work.output(Self.predictions))
        try journal?.remove()
        var metrics = evaluation.json
        metrics["task"] = .string(task.rawValue)
        try AtomicFile.write(
            Array((JSONValue.object(metrics).text(pretty: true) + "\n").utf8),
            to: work.output(Self.metrics))
    }
}
