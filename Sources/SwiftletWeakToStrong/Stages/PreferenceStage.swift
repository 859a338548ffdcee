import SwiftletBytes
import SwiftletLM
import SwiftletTasks
import SwiftletTuning

/// Trains a student further on preferences of the weak models (METHOD §9).
struct PreferenceStage: Stage {
    let id: StageID
    let kind = "preference"
    let model: StageModel
    let settingsOfRun: RunConfiguration.PreferenceTraining
    let pairs: StageID

    private var training: TrainingSettings { settingsOfRun.training }

    var settings: JSONObject {
        var settings = training.identity
        settings.append("beta", JSONValue(finite: settingsOfRun.beta))
        settings.append("epsilon", JSONValue(finite: settingsOfRun.epsilon))
        settings.append("seed", .string(String(id.seed ?? 0)))
        return settings
    }

    var inputs: [StageInput] { [.stage(pairs, .file("pairs.jsonl"))] + model.inputs }

    func estimate(_ sizes: RunSizes) -> StageEstimate {
        guard let shape = sizes.shapes[model.base] else { return StageEstimate() }
        // Two sequences per pair, and once the reference's log-probabilities of each.
        var estimate = shape.training(
            training, examples: sizes.strongRows, tokens: 2 * sizes.tokens,
            targets: 2 * sizes.answerTokens, precision: sizes.precision)
        estimate.operations +=
            shape.scoring(
                examples: Double(sizes.strongRows), tokens: 2 * sizes.tokens,
                rows: 2 * sizes.answerTokens
            ).operations
        return estimate
    }

    func run(_ work: StageWork) throws(SwiftletError) {
        let start = try model.forTraining(work)
        let data = work.output("examples.jsonl")
        let path = work.folder.path(of: pairs, "pairs.jsonl")
        let count = try RowFiles.writePairs(of: path, to: data, PromptEncoder(start.model))
        guard count > 0 else {
            throw SwiftletError(
                .noTaskExamples, file: path,
                "no prompt has two candidates that differ in text and score",
                hint: "more beams, or a student that is trained longer, give more candidates")
        }
        let task = try TrainingTask.preference(
            start.model, data: data, maxLength: training.maxLength,
            cost: PreferenceCost(
                beta: settingsOfRun.beta, labelSmoothing: settingsOfRun.epsilon))
        try task.run(training, seed: id.seed ?? 0, work, startingFrom: start.adapter)
    }
}
