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
    @OptionGroup var training: TrainingOptions

    func run() throws {
        let settings = try student.settings()
        let options = try training.settings(
            tuning.tensors.trainingMethod(usesAdapters: tuning.usesAdapters))
        let learning = try StudentTraining(labels: labels, settings: settings)
        if learning.kind == .classes, training.data.noEos || training.data.givenLossMean != nil {
            throw SwiftletError(.usage, "--no-eos and --loss-mean are for labels of sequences")
        }
        if learning.kind == .sequences, training.run.keepBest == .accuracy {
            throw SwiftletError(.usage, "--keep-best accuracy is for labels of classes")
        }
        if training.data.givenLossMean == .tokens {
            throw SwiftletError(
                .usage, "--loss-mean tokens: students average over each sequence first")
        }
        let run = try TrainingRun(output: out, options: options, training)
        var model = try LanguageModel(
            path: try ModelLocator.resolve(model), sentencePiece: .library)
        model.notes.forEach(training.quiet.note)
        if let adapter = tuning.tensors.adapter {
            model = try model.withHead(of: AdapterFolder(adapter))
        }
        let task = try learning.task(
            model, evaluationData: training.run.evalData, closesTexts: !training.data.noEos,
            maxLength: training.data.maxLength, skipsBadLines: training.data.skipBadLines)
        try run.run(
            task, context: try training.context(), json: training.json.json)
    }
}
