import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import SwiftletLM
import SwiftletSentencePiece
import SwiftletTuning
import SwiftletWeakToStrong

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train a strong model on weak labels.",
        discussion: """
            One file of labels per weak model, with the same examples in the same order: lines \
            {"text" or "ids","probabilities"} for classes, where a model without a classification \
            head gets one of zeros, or {"prompt","candidates"} for sequences, as weak-to-strong \
            label writes them. joint needs tables of the same candidates (label \
            --score-candidates). All options of finetune that concern data, optimizer, memory and \
            the run are the same here; held-out data are finetune's lines with the ground truth, the \
            only ones that --skip-bad-lines concerns.

            EXAMPLE
              swiftlet weak-to-strong train strong --labels a.jsonl b.jsonl c.jsonl \\
                --method bayesian --aux 0.5 --out student
              swiftlet weak-to-strong train strong --labels a-scores.jsonl b-scores.jsonl \\
                --method joint --confidence --out student
            """)

    @Argument(help: "A model folder.")
    var model: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Files of weak labels.", valueName: "files"))
    var labels: [String]

    @Option(help: ArgumentHelp("Folder of the result.", valueName: "folder"))
    var out: String

    @OptionGroup(title: "Student") var student: StudentOptions
    @OptionGroup(title: "Method") var tuning: TuningOptions
    @OptionGroup(title: "Data") var dataOptions: TrainingDataOptions
    @OptionGroup(title: "Optimizer") var optimizer: OptimizerOptions
    @OptionGroup(title: "Memory") var memory: MemoryOptions
    @OptionGroup(title: "Run") var runOptions: RunOptions

    @Option(help: "Dtype of the result (default: the model's).")
    var dtype: DTypeOption?

    @OptionGroup var json: JSONOption
    @OptionGroup var threads: ThreadsOption
    @OptionGroup var quiet: QuietOption

    private func options() throws(SwiftletError) -> FineTuneOptions {
        var options = FineTuneOptions()
        options.method = try tuning.tensors.trainingMethod(usesAdapters: tuning.usesAdapters)
        dataOptions.apply(to: &options)
        optimizer.apply(to: &options)
        runOptions.apply(to: &options)
        try memory.apply(to: &options)
        options.dtype = dtype?.dtype
        return options
    }

    func run() throws {
        let settings = try student.settings()
        let options = try options()
        try options.validate()
        let training = try StudentTraining(labels: labels, settings: settings)
        if training.kind == .classes, dataOptions.noEos || dataOptions.givenLossMean != nil {
            throw SwiftletError(.usage, "--no-eos and --loss-mean are for labels of sequences")
        }
        if training.kind == .sequences, runOptions.keepBest == .accuracy {
            throw SwiftletError(.usage, "--keep-best accuracy is for labels of classes")
        }
        if dataOptions.givenLossMean == .tokens {
            throw SwiftletError(
                .usage, "--loss-mean tokens: students average over each sequence first")
        }
        let run = try TrainingRun(output: out, options: options, runOptions, quiet: quiet)
        var model = try LanguageModel(
            path: try ModelLocator.resolve(model), sentencePiece: .library)
        model.notes.forEach(quiet.note)
        if let adapter = tuning.tensors.adapter {
            model = try model.withHead(of: AdapterFolder(adapter))
        }
        let task = try training.task(
            model, evaluationData: runOptions.evalData, closesTexts: !dataOptions.noEos,
            maxLength: dataOptions.maxLength, skipsBadLines: dataOptions.skipBadLines)
        try run.run(
            task, context: try threads.context(precision: memory.precision.precision),
            json: json.json)
    }
}
