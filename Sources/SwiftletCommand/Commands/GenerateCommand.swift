import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import SwiftletLM
import SwiftletText

struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Continue text.",
        discussion: """
            Greedy unless --temperature, --top-k or --top-p asks for sampling or --beams for a \
            search; the same --seed gives the same text. With "ids" no tokenizer is needed.

            EXAMPLE
              swiftlet generate gpt2 --prompt "Once upon a time" --max-new-tokens 40
              swiftlet generate gpt2 --prompt "Dear" --temperature 0.8 --top-p 0.9 --seed 7
              swiftlet generate gpt2 --prompt "Dear" --beams 4 --return 2
              echo '{"ids":[15496]}' | swiftlet generate gpt2 --jsonl
            """)

    @Argument(help: "A model folder.")
    var model: String

    @Option(help: ArgumentHelp("The text to continue.", valueName: "text"))
    var prompt: String?

    @OptionGroup var lines: LinesOptions

    @Option(help: ArgumentHelp("The most new tokens.", valueName: "n"))
    var maxNewTokens = 64

    @OptionGroup var strategy: StrategyOptions

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "End at this text, which is cut off; may be repeated.", valueName: "text"))
    var stop: [String] = []

    @Option(
        help: ArgumentHelp(
            "With --jsonl: prompts that are continued together; their answers come together too. "
                + "(default: \(Self.fileBatch) of a file, 1 of stdin)", valueName: "n"))
    var batchSize: Int?

    @OptionGroup var cache: CacheOption
    @OptionGroup var running: RunningOptions
    @OptionGroup var quiet: QuietOption

    /// More prompts at once gain little and take memory.
    private static let fileBatch = 16

    func validate() throws {
        if (prompt == nil) != lines.jsonl {
            throw ValidationError("give --prompt TEXT, or --jsonl")
        }
        try lines.validateInputIsLines()
        if maxNewTokens < 0 { throw ValidationError("--max-new-tokens must not be negative") }
        if let batchSize, !(1...1024).contains(batchSize) {
            throw ValidationError("--batch-size must be from 1 to 1024")
        }
    }

    func run() throws {
        let options = GenerationOptions(
            maxNewTokens: maxNewTokens, strategy: strategy.strategy,
            repetitionPenalty: strategy.repetitionPenalty, stop: stop)
        try options.validate()
        let context = try running.context()
        let model = try running.model(model, context, quiet)
        try model.checkLanguageHead()
        if let prompt {
            try continueOne(prompt, options, model, context)
            return
        }
        // Read once, missed only by lines that need it.
        let tokenizer = Result { () throws(SwiftletError) in try model.tokenizer() }
        let session = GenerationSession(
            model, tokenizer: try? tokenizer.get(), context: context,
            cacheStorage: cache.cache)
        let size = batchSize ?? (lines.input == nil ? 1 : Self.fileBatch)
        try LineInput(path: lines.input).forEachBatch(of: size) { batch throws(SwiftletError) in
            var prompts: [[Int32]] = []
            var failure: SwiftletError?
            for line in batch where failure == nil {
                do throws(SwiftletError) {
                    prompts.append(
                        try line.located { () throws(SwiftletError) in
                            let prompt = try ids(of: line, tokenizer)
                            try session.validate(prompt)
                            return prompt
                        })
                } catch {
                    failure = error
                }
            }
            // The lines before a bad one are answered first.
            let results = try session.generate(prompts, options)
            for (line, (prompt, sequences)) in zip(batch, zip(prompts, results)) {
                warnIfCut(sequences, session, prompt)
                StandardOutput.shared.line(line.answer(Self.object(sequences)))
            }
            if let failure { throw failure }
            try StandardOutput.shared.flush()
        }
    }

    private func continueOne(
        _ prompt: String, _ options: GenerationOptions, _ model: LanguageModel,
        _ context: ComputeContext
    ) throws(SwiftletError) {
        let tokenizer = try model.tokenizer()
        let session = GenerationSession(
            model, tokenizer: tokenizer, context: context, cacheStorage: cache.cache)
        let ids = try tokenizer.encode(prompt).ids
        var shown = false
        let sequences = try session.generate([ids], options) { _, piece throws(SwiftletError) in
            if !lines.json {
                StandardOutput.shared.write(piece.text)
                try StandardOutput.shared.flush()
                shown = true
            }
            return true
        }[0]
        warnIfCut(sequences, session, ids)
        if lines.json {
            StandardOutput.shared.line(Self.object(sequences))
        } else if shown {
            StandardOutput.shared.line("")
        } else {
            for sequence in sequences { StandardOutput.shared.line(sequence.text ?? "") }
        }
    }

    private func ids(of line: LineObject, _ tokenizer: Result<TextTokenizer, SwiftletError>)
        throws(SwiftletError) -> [Int32]
    {
        if let ids = try line.ids() { return ids }
        guard let prompt = try line.string("prompt") else {
            throw line.lacking("\"prompt\" or \"ids\"")
        }
        return try tokenizer.get().encode(prompt).ids
    }

    private func warnIfCut(
        _ sequences: [GeneratedSequence], _ session: GenerationSession, _ prompt: [Int32]
    ) {
        let room = session.room(after: prompt)
        if room < maxNewTokens,
            sequences.contains(where: { !$0.finished && $0.ids.count == room })
        {
            quiet.note("the context is full after \(room) new tokens")
        }
    }

    private static func object(_ sequences: [GeneratedSequence]) -> JSONObject {
        [
            "sequences": .array(
                sequences.map { sequence in
                    .object([
                        "ids": sequence.ids.json,
                        "text": sequence.text.map { .string($0) } ?? .null,
                        "score": JSONValue(finite: sequence.score),
                        "finished": .bool(sequence.finished),
                    ])
                })
        ]
    }
}
