import ArgumentParser
import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import SwiftletTasks
import SwiftletWeakToStrong

struct LabelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "label", abstract: "Label a data set with a weak model.",
        discussion: """
            Tasks of classes (sciq, classify) get the probabilities of a classification head, \
            tasks of sequences (slurp, generate) the best responses of a beam search with the \
            log-probabilities of their tokens. The search is the method's, whatever the model's \
            generation_config.json says; a note names what is not applied. --score-candidates makes the table that joint \
            decoding and preference pairs need: the candidates of all given files, scored by MODEL. \
            L appears when it is complete; until then the lines are in L.partial, which the same \
            command continues with --resume.

            EXAMPLE
              swiftlet weak-to-strong label weak --task sciq --data train.jsonl --out labels.jsonl
              swiftlet weak-to-strong label weak --task slurp --data train.jsonl \\
                --prompt-style short --out labels.jsonl
              swiftlet weak-to-strong label weak --score-candidates a.jsonl b.jsonl \\
                --out scores.jsonl
            """)

    @Argument(help: "A model folder, or an id in the Hub cache.")
    var model: String

    @Option(help: "The task.")
    var task: TaskKind?

    @Option(help: ArgumentHelp("The task's data: one JSON object per line.", valueName: "file"))
    var data: String?

    @Option(help: ArgumentHelp("The file of labels.", valueName: "file"))
    var out: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Instead of --task and --data: score all candidates of these label files.",
            valueName: "files"))
    var scoreCandidates: [String] = []

    @Flag(help: "Classes: all probability on the most probable class.")
    var hard = false

    @Option(
        help: ArgumentHelp(
            "Sequences: beams, and responses kept per prompt (default: 4).", valueName: "m"))
    var beams: Int?

    @Option(
        help: ArgumentHelp(
            "Sequences: maximum number of new tokens (default: 128).", valueName: "n"))
    var maxNewTokens: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Sequences: exponent of the length by which a response's score is divided (default: 1).",
            valueName: "x"))
    var lengthPenalty: Double?

    @Option(
        help: ArgumentHelp(
            "slurp: the paper's prompt (full; default), or the sentence and an arrow (short).",
            valueName: "style"))
    var promptStyle: SlotPrompt?

    @Option(help: ArgumentHelp("Seed of SciQ's labels and wrong answers.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("Read only the first n lines of the data.", valueName: "n"))
    var limit: Int?

    @Option(
        help: ArgumentHelp(
            "How the lines name the model (default: the last part of MODEL).", valueName: "name"))
    var name: String?

    @Flag(help: "Continue OUT's partial file, if there is one.")
    var resume = false

    @OptionGroup var running: RunningOptions
    @OptionGroup var json: JSONOption
    @OptionGroup var quiet: QuietOption

    func validate() throws {
        if scoreCandidates.isEmpty {
            if task == nil || data == nil {
                throw ValidationError("give --task and --data, or --score-candidates")
            }
        } else if task != nil || data != nil || beams != nil || maxNewTokens != nil
            || lengthPenalty != nil || promptStyle != nil || limit != nil || hard
        {
            throw ValidationError(
                "--score-candidates scores what the files have: --task, --data, --limit, --beams, "
                    + "--max-new-tokens, --length-penalty, --prompt-style and --hard do not go with "
                    + "it")
        }
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
        guard let task else { return }
        if hard, !task.hasClasses { throw ValidationError("--hard is for tasks of classes") }
        if task.hasClasses, beams != nil || maxNewTokens != nil || lengthPenalty != nil {
            throw ValidationError(
                "--beams, --max-new-tokens and --length-penalty are for tasks of sequences")
        }
        if promptStyle != nil, task != .slurp {
            throw ValidationError("--prompt-style needs --task slurp")
        }
    }

    private var settings: LabelSettings {
        var settings = LabelSettings()
        settings.isHard = hard
        if let beams { settings.beams = beams }
        if let maxNewTokens { settings.maxNewTokens = maxNewTokens }
        if let lengthPenalty { settings.lengthPenalty = lengthPenalty }
        if running.weights == .int8 { settings.others.append("weights", .string("int8")) }
        return settings
    }

    func run() throws {
        let settings = settings
        try settings.validate()
        let labeling = try Labeling(output: out, resumes: resume)
        var source: LabelSource?
        if let task, let data {
            source = try LabelSource(
                task, path: data, options: TaskOptions(prompt: promptStyle ?? .full, seed: seed),
                limit: limit)
        }
        let context = try running.context()
        let labeler = try WeakLabeler(
            try running.model(model, context, quiet), name: name ?? Self.name(of: model),
            adapter: running.adapter, context: context)
        if let source, let note = labeler.note(source, settings) { quiet.note(note) }
        StopSignals.listen()
        let progress = LabelProgress(quiet)
        let result =
            if let source {
                try labeler.label(
                    source, to: labeling, settings: settings, shouldStop: { StopSignals.stop },
                    onProgress: { progress.show($0, of: source.count) })
            } else {
                try labeler.score(
                    candidatesOf: scoreCandidates, to: labeling, settings: settings,
                    shouldStop: { StopSignals.stop }, onProgress: progress.show)
            }
        progress.finish()
        if result.cut > 0 { quiet.note("\(result.cut) texts were cut to fit the context") }
        if result.labelled == 0 { quiet.note("\(out): the labels were already complete") }
        if json.json {
            StandardOutput.shared.line([
                "labels": JSONValue(result.examples), "labelled": JSONValue(result.labelled),
                "model": labeler.identity.json,
            ])
        } else {
            StandardOutput.shared.line("\(out.printable): \(result.examples) labels")
        }
    }

    /// The last part of a path or an id.
    private static func name(of model: String) -> String {
        model.split(separator: "/").last { $0 != "." && $0 != ".." }.map(String.init) ?? model
    }
}

/// Shows how many examples have labels.
private final class LabelProgress {
    private let quiet: QuietOption
    private var bar: ProgressBar?

    init(_ quiet: QuietOption) { self.quiet = quiet }

    func show(_ done: Int, of total: Int) {
        guard let bar else {
            if done > 0 { quiet.note("\(done) of \(total) labels are there already") }
            bar = ProgressBar(
                "labelling", total: total, done: done, unit: "examples", quiet: quiet.quiet)
            return
        }
        bar.update(done)
    }

    func finish() { bar?.finish() }
}
