import SwiftletBytes
import SwiftletLM
import SwiftletTuning

/// Trains the strong model on the labels of weak models (METHOD §3 to §8).
struct StudentStage: Stage {
    let id: StageID
    let kind = "student"
    let model: StageModel
    /// The stages whose labels it learns from: those of one weak model, of all, or tables.
    let labels: [StageID]
    let losses: StudentSettings
    let training: TrainingSettings
    let hasClasses: Bool
    /// Whether there is validation data, and it is used.
    let hasValidation: Bool

    private var rows: StageID { StageID(seed: id.seed, name: SplitStage.name) }

    var settings: JSONObject {
        var settings = training.identity
        for pair in losses.identity.pairs { settings.append("loss-\(pair.key)", pair.value) }
        settings.append("seed", .string(String(id.seed ?? 0)))
        return settings
    }

    var inputs: [StageInput] {
        var inputs: [StageInput] = labels.map { .stage($0, .labels) }
        if hasValidation { inputs.append(.stage(rows, .file(SplitStage.validation))) }
        if hasClasses { inputs.append(.stage(rows, .file("split.json"))) }
        return inputs + model.inputs
    }

    func estimate(_ sizes: RunSizes) -> StageEstimate {
        guard let shape = sizes.shapes[model.base] else { return StageEstimate() }
        // Methods that read each model's own sequence make a pass for each (METHOD §4).
        let passes = hasClasses || losses.method == .joint ? 1 : Double(labels.count)
        return shape.training(
            training, examples: sizes.strongRows, tokens: passes * sizes.tokens,
            targets: hasClasses ? 0 : passes * sizes.answerTokens,
            evaluated: hasValidation ? sizes.validationRows : 0, precision: sizes.precision)
    }

    func run(_ work: StageWork) throws(SwiftletError) {
        var (opened, _) = try model.open(work)
        if hasClasses {
            opened = try opened.withHead(
                of: RowFiles.classNames(work.folder.path(of: rows, "split.json")))
        }
        let paths = labels.map { work.folder.path(of: $0, "labels.jsonl") }
        var heldOut: String?
        if hasValidation {
            let validation = work.folder.path(of: rows, SplitStage.validation)
            heldOut = hasClasses ? validation : work.output("held-out.jsonl")
            if !hasClasses, let heldOut {
                try RowFiles.writeExamples(of: validation, to: heldOut, PromptEncoder(opened))
            }
        }
        let task = try StudentTraining(labels: paths, settings: losses)
            .task(opened, evaluationData: heldOut, maxLength: training.maxLength)
        try task.run(training, seed: id.seed ?? 0, work)
    }
}
