import ArgumentParser
import SwiftletTasks
import SwiftletWeakToStrong

extension TaskKind: ExpressibleByArgument {}
extension SlotPrompt: ExpressibleByArgument {}
extension MissingPrediction: ExpressibleByArgument {}

/// Files of predictions, and what they are compared with.
struct PredictionsOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Predictions to evaluate, instead of a model.", valueName: "file"))
    var predictions: String?

    @Option(help: ArgumentHelp("The gold answers, for --predictions.", valueName: "file"))
    var gold: String?

    @Option(
        help: ArgumentHelp(
            "An example without a prediction counts as one without entities, or as wrong (empty; "
                + "default), or not at all (skip; the official evaluator's).", valueName: "how"))
    var missing: MissingPrediction?

    @Option(
        help: ArgumentHelp(
            "Predictions of another system: tests whether the two differ, by McNemar's exact test "
                + "and a paired bootstrap.", valueName: "file"))
    var against: String?

    @Option(help: ArgumentHelp("Resamples of the bootstrap.", valueName: "n"))
    var resamples = 10_000

    func validate() throws {
        if !(1...10_000_000).contains(resamples) {
            throw ValidationError("--resamples must be from 1 to 10000000")
        }
        if against != nil, missing == .skip {
            throw ValidationError("--against compares all examples: it needs --missing empty")
        }
    }
}

/// How a model answers a task.
struct AnswerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "slurp: the paper's prompt (full; default), or the sentence and an arrow (short).",
            valueName: "style"))
    var promptStyle: SlotPrompt?

    @Option(help: ArgumentHelp("Number of beams (default: greedy).", valueName: "m"))
    var beams: Int?

    @Option(
        help: ArgumentHelp("Maximum number of new tokens (default: 128).", valueName: "n"))
    var maxNewTokens: Int?

    @Option(
        help: ArgumentHelp("Prompts continued together (default: 16).", valueName: "n"))
    var batchSize: Int?

    @Option(help: ArgumentHelp("Read only the first n lines of the data.", valueName: "n"))
    var limit: Int?

    @Flag(
        help:
            "Also compute the evidential uncertainty of generated answers, in a second pass over them."
    )
    var uncertainty = false

    @Option(help: ArgumentHelp("Write the answers, one JSON object per line.", valueName: "file"))
    var predictionsOut: String?

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
    }

    /// Whether any of the options is given.
    var isUsed: Bool {
        promptStyle != nil || beams != nil || maxNewTokens != nil || batchSize != nil
            || limit != nil || uncertainty || predictionsOut != nil
    }

    /// The options of the library, which checks ranges.
    var options: EvaluationOptions {
        var options = EvaluationOptions(beams: beams)
        if let maxNewTokens { options.maxNewTokens = maxNewTokens }
        if let batchSize { options.batchSize = batchSize }
        if uncertainty { options.tokenEvidence = Evidential(clamp: 20) }
        return options
    }
}
