import ArgumentParser
import SwiftletTuning

extension EvaluationMetric: ExpressibleByArgument {}

/// How long a run is, and what it writes on its way.
struct RunOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Passes over the data (default: 1).", valueName: "n"))
    var epochs: Int?

    @Option(help: ArgumentHelp("Steps of the run, instead of --epochs.", valueName: "n"))
    var steps: Int?

    @Option(
        help: ArgumentHelp("Held-out data, evaluated after each epoch.", valueName: "file"))
    var evalData: String?

    @Option(help: ArgumentHelp("Steps between evaluations, instead of epochs.", valueName: "n"))
    var evalEvery: Int?

    @Option(
        defaultAsFlag: EvaluationMetric.loss,
        help: ArgumentHelp(
            "Make the result of the parameters with the best evaluation, by loss or accuracy; of "
                + "equal ones the earliest (default: those after the last step).",
            valueName: "metric"))
    var keepBest: EvaluationMetric?

    @Option(
        help: ArgumentHelp(
            "End the run after this many evaluations without improvement, by the metric of "
                + "--keep-best or the loss.", valueName: "n"))
    var patience: Int?

    @Option(help: ArgumentHelp("Steps between saved states (default: none).", valueName: "n"))
    var saveEvery: Int?

    @Option(help: ArgumentHelp("Number of states to keep.", valueName: "n"))
    var keep = 2

    @Flag(help: "Continue from the newest state in OUT, if there is one.")
    var resume = false

    @Option(help: ArgumentHelp("Log file: one JSON object per step.", valueName: "file"))
    var log: String?

    @Option(
        help: ArgumentHelp(
            "Page with the course of the run (default: training_curve.html in OUT).",
            valueName: "file"))
    var curve: String?

    @Flag(help: "Write no page with the course of the run.")
    var noCurve = false

    func validate() throws {
        if epochs != nil, steps != nil {
            throw ValidationError("--epochs and --steps cannot be combined")
        }
        if evalEvery != nil, evalData == nil {
            throw ValidationError("--eval-every needs --eval-data")
        }
        if keepBest != nil || patience != nil, evalData == nil {
            throw ValidationError("--keep-best and --patience need --eval-data")
        }
        if curve != nil, noCurve {
            throw ValidationError("--curve and --no-curve cannot be combined")
        }
    }

    func apply(to options: inout FineTuneOptions) {
        options.length = steps.map { .steps($0) } ?? .epochs(epochs ?? 1)
        options.saveEvery = saveEvery
        options.keep = keep
        options.evaluateEvery = evalEvery
        options.keepsBest = keepBest
        options.patience = patience
        options.resumes = resume
    }
}
