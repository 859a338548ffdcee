import SwiftletBytes
import SwiftletTuning

/// Labels the strong model's part of the data with a model (METHOD §2, §6).
struct LabelStage: Stage {
    let id: StageID
    /// `labels`, or `candidates` for the student's own answers.
    let kind: String
    let model: StageModel
    let hasClasses: Bool
    let form: RunConfiguration.Labels.Form
    let search: RunConfiguration.Answers

    private var rows: StageID { StageID(seed: id.seed, name: SplitStage.name) }

    var settings: JSONObject {
        var settings: JSONObject = ["model": .string(model.name)]
        if hasClasses {
            settings.append("form", .string(form.rawValue))
        } else {
            for pair in search.identity.pairs { settings.append(pair.key, pair.value) }
        }
        return settings
    }

    var inputs: [StageInput] { [.stage(rows, .file(SplitStage.strong))] + model.inputs }

    func estimate(_ sizes: RunSizes) -> StageEstimate {
        guard let shape = sizes.shapes[model.base] else { return StageEstimate() }
        let examples = Double(sizes.strongRows)
        var estimate: StageEstimate
        if hasClasses {
            estimate = shape.scoring(examples: examples, tokens: sizes.tokens, rows: 0)
            estimate.outputBytes = Int(examples * (sizes.tokens * 4 + 80))
        } else {
            estimate = shape.generating(
                examples: examples, prompt: sizes.promptTokens, answer: sizes.answerTokens,
                beams: search.beams)
            let candidate = sizes.answerTokens * (4 + 20 + 3)
            estimate.outputBytes = Int(
                examples * (sizes.promptTokens * 4 + Double(search.beams) * candidate))
        }
        return estimate
    }

    func run(_ work: StageWork) throws(SwiftletError) {
        let opened = try model.open(work)
        if let note = opened.model.decoder.memoryNote(work.context.precision) { work.onNote(note) }
        let path = work.folder.path(of: rows, SplitStage.strong)
        let source = try LabelSource(hasClasses ? .classify : .generate, path: path)
        var settings = LabelSettings()
        settings.isHard = form == .hard
        settings.beams = search.beams
        settings.maxNewTokens = search.maxNewTokens
        settings.lengthPenalty = search.lengthPenalty
        let labeler = try WeakLabeler(
            opened.model, name: model.name, adapter: opened.adapter, context: work.context)
        if let note = labeler.note(source, settings) { work.onNote(note) }
        try labeler.label(
            source, to: try Labeling(output: work.output("labels.jsonl"), resumes: true),
            settings: settings, shouldStop: work.shouldStop
        ) { done in
            work.onProgress(
                StageProgress(done: done, total: source.count, unit: "examples", note: ""))
        }
    }
}
