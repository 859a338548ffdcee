import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import SwiftletLM
import SwiftletText
import SwiftletTuning

extension LearningRateSchedule.Shape: ExpressibleByArgument {}
extension TrainingBatch.Mean: ExpressibleByArgument {}
extension AdamW.Decay: ExpressibleByArgument {}

struct FinetuneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finetune", abstract: "Train a model on text.",
        discussion: """
            Data lines are {"text"}, {"prompt","completion"} (loss on the completion) or \
            {"ids","labels"} (labels aligned with ids, -100 without loss). OUT becomes a model in \
            Hub layout. A run that was stopped or killed goes on with the same command and --resume, \
            and ends with the same bits.

            EXAMPLE
              swiftlet finetune gpt2 --data train.jsonl --out tuned --save-every 100
              swiftlet finetune gpt2 --data train.jsonl --out tuned --save-every 100 \\
                --resume
            """)

    enum Task: String, ExpressibleByArgument, CaseIterable { case lm }
    enum Optimizer: String, ExpressibleByArgument, CaseIterable { case adam, adamw }

    @Argument(help: "A model folder.")
    var model: String

    @Option(help: ArgumentHelp("Training data, a JSON object a line.", valueName: "file"))
    var data: String

    @Option(help: ArgumentHelp("The folder of the result.", valueName: "folder"))
    var out: String

    @Option(help: "What is learnt: lm predicts the next token.")
    var task = Task.lm

    @Option(help: ArgumentHelp("Lines in a batch.", valueName: "n"))
    var batchSize = 8

    @Option(help: ArgumentHelp("Lines in memory at once (default: the batch).", valueName: "n"))
    var microBatchSize: Int?

    @Option(help: ArgumentHelp("Passes over the data (default: 1).", valueName: "n"))
    var epochs: Int?

    @Option(help: ArgumentHelp("Updates, instead of --epochs.", valueName: "n"))
    var steps: Int?

    @Option(help: ArgumentHelp("The learning rate.", valueName: "rate"))
    var lr = 5e-5

    @Option(help: ArgumentHelp("Steps in which the rate rises from 0.", valueName: "n"))
    var warmup = 0

    @Option(help: "How the rate runs.")
    var schedule = LearningRateSchedule.Shape.linear

    @Option(help: "The optimizer.")
    var optimizer = Optimizer.adamw

    @Option(
        help: ArgumentHelp(
            "Decoupled weight decay (default: adamw 0.01, adam 0).", valueName: "share"))
    var weightDecay: Double?

    @Option(help: "Which parameters decay.")
    var decay = AdamW.Decay.all

    @Option(help: ArgumentHelp("The largest norm of the gradients; 0 is off.", valueName: "norm"))
    var clip = 1.0

    @Option(help: ArgumentHelp("Scored after each epoch.", valueName: "file"))
    var evalData: String?

    @Option(help: ArgumentHelp("Steps between evaluations, instead of epochs.", valueName: "n"))
    var evalEvery: Int?

    @Option(help: "How a batch's loss is averaged.")
    var lossMean = TrainingBatch.Mean.tokens

    @Option(
        help: ArgumentHelp(
            "Tokens of a line; more are cut off (default: the context).", valueName: "n"))
    var maxLength: Int?

    @Flag(help: "Do not close texts and completions with the end-of-sequence token.")
    var noEos = false

    @Option(help: ArgumentHelp("The start of the shuffles.", valueName: "n"))
    var seed: UInt64 = 0

    @Flag(help: "Keep the file's order.")
    var noShuffle = false

    @Option(help: ArgumentHelp("Steps between saved states (default: none).", valueName: "n"))
    var saveEvery: Int?

    @Option(help: ArgumentHelp("States that are kept.", valueName: "n"))
    var keep = 2

    @Flag(help: "Go on from the newest state in OUT, if there is one.")
    var resume = false

    @Option(help: ArgumentHelp("A JSON object a step goes here.", valueName: "file"))
    var log: String?

    @Option(help: "The result's dtype (default: the model's).")
    var dtype: DTypeOption?

    @OptionGroup var json: JSONOption
    @OptionGroup var threads: ThreadsOption
    @OptionGroup var quiet: QuietOption

    func validate() throws {
        if epochs != nil, steps != nil {
            throw ValidationError("--epochs and --steps exclude each other")
        }
        if let maxLength, maxLength < 2 {
            throw ValidationError("--max-length must be at least 2")
        }
        if evalEvery != nil, evalData == nil {
            throw ValidationError("--eval-every needs --eval-data")
        }
    }

    private var options: FineTuneOptions {
        var options = FineTuneOptions()
        options.batchSize = batchSize
        options.microBatchSize = microBatchSize
        options.length = steps.map { .steps($0) } ?? .epochs(epochs ?? 1)
        options.learningRate = lr
        options.warmup = warmup
        options.schedule = schedule
        options.weightDecay = weightDecay ?? (optimizer == .adamw ? 0.01 : 0)
        options.decay = decay
        options.clip = clip
        options.lossMean = lossMean
        options.seed = seed
        options.shuffles = !noShuffle
        options.saveEvery = saveEvery
        options.keep = keep
        options.evaluateEvery = evalEvery
        options.resumes = resume
        options.dtype = dtype?.dtype
        return options
    }

    func run() throws {
        try options.validate()
        try FineTuner.checkOutput(out, resumes: resume)
        let model = try LanguageModel(path: try ModelLocator.resolve(model))
        model.notes.forEach(quiet.note)
        try model.checkLanguageHead()
        let reader = try reader(model)
        let examples = try read(data, reader)
        let evaluation = try evalData.map { try read($0, reader) } ?? []
        let tuner = try FineTuner(
            model, examples: examples, evaluation: evaluation, output: out, options: options,
            logPath: log, context: try threads.context())
        StopSignals.listen()
        var bar: ProgressBar?
        defer { bar?.finish() }
        let result = try tuner.run(shouldStop: { StopSignals.stop }) { event in
            show(event, &bar)
        }
        bar?.finish()
        report(result)
    }

    private func reader(_ model: LanguageModel) throws(SwiftletError) -> ExampleReader {
        let context = model.decoder.description.contextLength
        if let maxLength, maxLength > context {
            throw SwiftletError(
                .usage, "--max-length \(maxLength) exceeds the model's context of \(context)")
        }
        // A folder without a tokenizer can still be trained on ids.
        var tokenizer: TextTokenizer?
        do throws(SwiftletError) {
            tokenizer = try model.tokenizer()
        } catch  where error.code.kind == .noInput {
        }
        return ExampleReader(
            tokenizer: tokenizer, endOfSequence: noEos ? nil : model.endOfSequence.first,
            maxLength: maxLength ?? context,
            vocabularySize: model.decoder.description.vocabularySize)
    }

    private func read(_ path: String, _ reader: ExampleReader) throws(SwiftletError)
        -> [TrainingExample]
    {
        let contents = try reader.read(path: path)
        if contents.truncated > 0 {
            quiet.note("\(path): \(contents.truncated) lines cut at \(reader.maxLength) tokens")
        }
        return contents.examples
    }

    private func show(_ event: FineTuneEvent, _ bar: inout ProgressBar?) {
        switch event {
        case .started(let start):
            if start.done > 0 { quiet.note("goes on after step \(start.done)") }
            quiet.note(
                "\(start.parameters) parameters, "
                    + "\(ProgressBar.bytes(Double(start.stateBytes))) of state, "
                    + "\(start.lines) lines, \(start.total) steps")
            if start.stateBytes > SystemMemory.physical {
                quiet.note(
                    "this machine has \(ProgressBar.bytes(Double(SystemMemory.physical))) of memory; "
                        + "expect swapping, or the system to end the run")
            }
            bar = ProgressBar(
                "training", total: start.total, done: start.done, unit: "steps",
                quiet: quiet.quiet)
        case .step(let step):
            bar?.update(
                step.number,
                "loss \(Self.short(step.loss)), \(Int(step.tokensPerSecond)) tokens/s")
        case .evaluation(let step, let loss):
            bar?.finish()
            quiet.note("step \(step): evaluation loss \(Self.short(loss))")
        case .saved: break
        }
    }

    private func report(_ result: FineTuneResult) {
        if result.wasComplete { quiet.note("\(out): the run was complete; nothing to do") }
        if result.overflows > 0 {
            quiet.note("\(result.overflows) values are too large for f16 and became infinite")
        }
        let object: JSONObject = [
            "steps": JSONValue(result.steps),
            "loss": result.loss.map { JSONValue(finite: $0) } ?? .null,
            "eval_loss": result.evaluationLoss.map { JSONValue(finite: $0) } ?? .null,
            "tokens": JSONValue(result.tokens), "seconds": JSONValue(finite: result.seconds),
        ]
        if json.json {
            StandardOutput.shared.line(object)
        } else {
            let loss = result.loss.map { ", loss \(Self.short($0))" } ?? ""
            StandardOutput.shared.line("\(out): \(result.steps) steps\(loss)")
        }
    }

    private static func short(_ value: Double) -> String {
        guard value.isFinite else { return "\(value)" }
        return "\((value * 10_000).rounded() / 10_000)"
    }
}
