import SwiftletBytes
import SwiftletTuning

/// Scores the candidates of several label files with a weak model (METHOD §6, §9).
struct ScoreStage: Stage {
    let id: StageID
    /// `scores`, or `preference-scores` for the student's own answers.
    let kind: String
    let model: StageModel
    /// The stages whose candidates are scored.
    let labels: [StageID]
    /// Candidates of an example, before equal ones are merged.
    let candidateCount: Int

    var settings: JSONObject { ["model": .string(model.name)] }

    var inputs: [StageInput] { labels.map { .stage($0, .labels) } + model.inputs }

    func estimate(_ sizes: RunSizes) -> StageEstimate {
        guard let shape = sizes.shapes[model.base] else { return StageEstimate() }
        let (examples, count) = (Double(sizes.strongRows), Double(candidateCount))
        var estimate = shape.scoring(
            examples: examples, tokens: sizes.promptTokens + count * sizes.answerTokens,
            rows: count * sizes.answerTokens)
        estimate.outputBytes = Int(
            examples * (sizes.promptTokens * 4 + count * sizes.answerTokens * 27))
        return estimate
    }

    func run(_ work: StageWork) throws(SwiftletError) {
        let opened = try model.open(work)
        let labeler = try WeakLabeler(
            opened.model, name: model.name, adapter: opened.adapter, context: work.context)
        try labeler.score(
            candidatesOf: labels.map { work.folder.path(of: $0, "labels.jsonl") },
            to: try Labeling(output: work.output("labels.jsonl"), resumes: true),
            shouldStop: work.shouldStop
        ) { done, total in
            work.onProgress(
                StageProgress(done: done, total: total, unit: "examples", note: ""))
        }
    }
}
