import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import SwiftletTuning

/// Trains a model on gold labels: a weak model, or the ceiling (METHOD §1).
struct FineTuneStage: Stage {
    let id: StageID
    /// `weak` or `ceiling`.
    let kind: String
    let model: StageModel
    /// The part of the data.
    let part: String
    let training: TrainingSettings
    let hasClasses: Bool
    /// Whether there is validation data, and it is used.
    let hasValidation: Bool

    private var rows: StageID { StageID(seed: id.seed, name: SplitStage.name) }

    var settings: JSONObject {
        var settings = training.identity
        settings.append("seed", .string(String(id.seed ?? 0)))
        return settings
    }

    var inputs: [StageInput] {
        var inputs: [StageInput] = [.stage(rows, .file(part))]
        if hasValidation { inputs.append(.stage(rows, .file(SplitStage.validation))) }
        if hasClasses { inputs.append(.stage(rows, .file("split.json"))) }
        return inputs + model.inputs
    }

    func estimate(_ sizes: RunSizes) -> StageEstimate {
        guard let shape = sizes.shapes[model.base] else { return StageEstimate() }
        return shape.training(
            training, examples: part == SplitStage.weak ? sizes.weakRows : sizes.strongRows,
            tokens: sizes.tokens, targets: hasClasses ? 0 : sizes.answerTokens,
            evaluated: hasValidation ? sizes.validationRows : 0, precision: sizes.precision)
    }

    func run(_ work: StageWork) throws(SwiftletError) {
        var (opened, _) = try model.open(work)
        let path = work.folder.path(of: rows, part)
        let validation = hasValidation ? work.folder.path(of: rows, SplitStage.validation) : nil
        let task: TrainingTask
        if hasClasses {
            let names = try RowFiles.classNames(work.folder.path(of: rows, "split.json"))
            opened = try opened.withHead(of: names)
            task = try .classification(
                opened, data: path, evaluationData: validation, maxLength: training.maxLength)
        } else {
            // Whether a space stands before an answer depends on the model's tokenizer.
            let encoder = PromptEncoder(opened)
            let data = work.output("examples.jsonl")
            try RowFiles.writeExamples(of: path, to: data, encoder)
            let heldOut = work.output("held-out.jsonl")
            if let validation { try RowFiles.writeExamples(of: validation, to: heldOut, encoder) }
            task = try .languageModeling(
                opened, data: data, evaluationData: validation == nil ? nil : heldOut,
                maxLength: training.maxLength, mean: .sequences)
        }
        try task.run(training, seed: id.seed ?? 0, work)
    }
}

extension TrainingTask {
    /// Trains in a stage's folder, or continues.
    ///
    /// - Parameters:
    ///   - training: how it is trained.
    ///   - seed: of the order of the examples, and of fresh adapters.
    ///   - work: the stage.
    ///   - adapter: the folder of an adapter to start from; nil for none.
    /// - Throws: the errors of `FineTuner`.
    func run(
        _ training: TrainingSettings, seed: UInt64, _ work: StageWork,
        startingFrom adapter: String? = nil
    ) throws(SwiftletError) {
        notes.forEach(work.onNote)
        var options = training.options(seed: seed)
        if let adapter {
            options.method = .lowRank(
                try AdapterFolder(adapter).configuration, startingFrom: adapter)
        }
        let tuner = try FineTuner(
            self, output: work.output("model"), options: options,
            logPath: work.output("log.jsonl"), context: work.context)
        var events = TrainingEvents(work)
        _ = try tuner.run(shouldStop: work.shouldStop) { events.show($0) }
    }
}

extension LanguageModel {
    /// The model with a head of these classes, unless it has one.
    ///
    /// - Throws: bad data (65) for a head of other classes.
    func withHead(of names: [String]) throws(SwiftletError) -> LanguageModel {
        guard let labels = configuration.labels else {
            return try withClassificationHead(labels: names)
        }
        guard labels.count == names.count else {
            throw SwiftletError(
                .trainingLine, file: path,
                "the model has a head of \(labels.count) classes, and the task \(names.count)")
        }
        return self
    }
}
