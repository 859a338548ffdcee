import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import SwiftletLM
import SwiftletSentencePiece
import SwiftletTuning

struct FinetuneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finetune", abstract: "Train a model on text.",
        discussion: """
            Data lines are {"text"}, {"prompt","completion"} (loss on the completion) or \
            {"ids","labels"} (labels aligned with ids, -100 for no loss), or {"ids","distributions"} \
            (soft labels); with --task classify \
            {"text","label"} or {"text","probabilities"}, where a model without a classification \
            head gets one of zeros; with --task preference {"prompt","chosen","rejected"}, compared \
            with the starting model (DPO with smoothed labels). OUT becomes a model in Hub layout, \
            or with --method lora an adapter in PEFT's. An interrupted run continues with the same \
            command and --resume, and gives bit-identical results.

            EXAMPLE
              swiftlet finetune gpt2 --data train.jsonl --out tuned --save-every 100
              swiftlet finetune gpt2 --data train.jsonl --out tuned --save-every 100 \\
                --resume
            """)

    enum Task: String, ExpressibleByArgument, CaseIterable { case lm, classify, preference }

    @Argument(help: "A model folder.")
    var model: String

    @Option(help: ArgumentHelp("Training data: one JSON object per line.", valueName: "file"))
    var data: String

    @Option(help: ArgumentHelp("Folder of the result.", valueName: "folder"))
    var out: String

    @Option(
        help:
            "What is learned: lm predicts the next token, classify the class of a text, preference the better of two completions."
    )
    var task = Task.lm

    @OptionGroup(title: "Method") var methodOptions: MethodOptions
    @OptionGroup(title: "Preference") var preferenceOptions: PreferenceOptions
    @OptionGroup(title: "Data") var dataOptions: TrainingDataOptions
    @OptionGroup(title: "Optimizer") var optimizer: OptimizerOptions
    @OptionGroup(title: "Memory") var memory: MemoryOptions
    @OptionGroup(title: "Run") var runOptions: RunOptions

    @Option(help: "Dtype of the result (default: the model's).")
    var dtype: DTypeOption?

    @OptionGroup var json: JSONOption
    @OptionGroup var threads: ThreadsOption
    @OptionGroup var quiet: QuietOption

    func validate() throws {
        if task == .classify, dataOptions.noEos || dataOptions.lossMean != .tokens {
            throw ValidationError("--no-eos and --loss-mean need --task lm")
        }
        if task == .preference, dataOptions.lossMean != .tokens {
            throw ValidationError("--loss-mean needs --task lm")
        }
        if task == .lm, runOptions.keepBest == .accuracy {
            throw ValidationError("--keep-best accuracy needs --task classify or preference")
        }
        try preferenceOptions.validate(isUsed: task == .preference)
    }

    private func options() throws(SwiftletError) -> FineTuneOptions {
        var options = FineTuneOptions()
        options.method = try methodOptions.trainingMethod()
        dataOptions.apply(to: &options)
        optimizer.apply(to: &options)
        runOptions.apply(to: &options)
        try memory.apply(to: &options)
        options.dtype = dtype?.dtype
        return options
    }

    func run() throws {
        let options = try options()
        try options.validate()
        let run = try TrainingRun(output: out, options: options, runOptions, quiet: quiet)
        var model = try LanguageModel(
            path: try ModelLocator.resolve(model), sentencePiece: .library)
        model.notes.forEach(quiet.note)
        if let adapter = methodOptions.adapter {
            model = try model.withHead(of: AdapterFolder(adapter))
        }
        try run.run(
            try trainingTask(model),
            context: try threads.context(precision: memory.precision.precision), json: json.json)
    }

    private func trainingTask(_ model: LanguageModel) throws(SwiftletError) -> TrainingTask {
        let reading = ReadingProgress(quiet: quiet.quiet)
        defer { reading.finish() }
        switch task {
        case .lm:
            return try .languageModeling(
                model, data: data, evaluationData: runOptions.evalData,
                closesTexts: !dataOptions.noEos, maxLength: dataOptions.maxLength,
                mean: dataOptions.lossMean, skipsBadLines: dataOptions.skipBadLines,
                onProgress: reading.update)
        case .classify:
            return try .classification(
                model, data: data, evaluationData: runOptions.evalData,
                maxLength: dataOptions.maxLength, skipsBadLines: dataOptions.skipBadLines,
                onProgress: reading.update)
        case .preference:
            return try .preference(
                model, data: data, evaluationData: runOptions.evalData,
                closesTexts: !dataOptions.noEos, maxLength: dataOptions.maxLength,
                cost: preferenceOptions.cost, skipsBadLines: dataOptions.skipBadLines,
                onProgress: reading.update)
        }
    }
}
