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
    @OptionGroup var training: TrainingOptions

    func validate() throws {
        if task == .classify, training.data.noEos || training.data.lossMean != .tokens {
            throw ValidationError("--no-eos and --loss-mean need --task lm")
        }
        if task == .preference, training.data.lossMean != .tokens {
            throw ValidationError("--loss-mean needs --task lm")
        }
        if task == .lm, training.run.keepBest == .accuracy {
            throw ValidationError("--keep-best accuracy needs --task classify or preference")
        }
        try preferenceOptions.validate(isUsed: task == .preference)
    }

    func run() throws {
        let options = try training.settings(methodOptions.trainingMethod())
        let run = try TrainingRun(output: out, options: options, training)
        var model = try LanguageModel(
            path: try ModelLocator.resolve(model), sentencePiece: .library)
        model.notes.forEach(training.quiet.note)
        if let adapter = methodOptions.adapter {
            model = try model.withHead(of: AdapterFolder(adapter))
        }
        try run.run(
            try trainingTask(model), context: try training.context(), json: training.json.json)
    }

    private func trainingTask(_ model: LanguageModel) throws(SwiftletError) -> TrainingTask {
        let reading = ReadingProgress(quiet: training.quiet.quiet)
        defer { reading.finish() }
        switch task {
        case .lm:
            return try .languageModeling(
                model, data: data, evaluationData: training.run.evalData,
                closesTexts: !training.data.noEos, maxLength: training.data.maxLength,
                mean: training.data.lossMean, skipsBadLines: training.data.skipBadLines,
                onProgress: reading.update)
        case .classify:
            return try .classification(
                model, data: data, evaluationData: training.run.evalData,
                maxLength: training.data.maxLength, skipsBadLines: training.data.skipBadLines,
                onProgress: reading.update)
        case .preference:
            return try .preference(
                model, data: data, evaluationData: training.run.evalData,
                closesTexts: !training.data.noEos, maxLength: training.data.maxLength,
                cost: preferenceOptions.cost, skipsBadLines: training.data.skipBadLines,
                onProgress: reading.update)
        }
    }
}
