import ArgumentParser
import SwiftletBytes
import SwiftletCompute
import SwiftletLM

struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Continue text.",
        discussion: """
            Greedy by default; --temperature, --top-k or --top-p sample, --beams searches. The same \
            --seed gives the same text. With "ids" no tokenizer is needed, and "text" is null. What \
            the model's generation_config.json sets is applied with --generation-config, and named \
            in a note without it.

            EXAMPLE
              swiftlet generate gpt2 --prompt "Once upon a time" --max-new-tokens 40
              swiftlet generate gpt2 --prompt "Dear" --temperature 0.8 --top-p 0.9 --seed 7
              swiftlet generate gpt2 --prompt "Dear" --beams 4 --return 2
              echo '{"ids":[15496]}' | swiftlet generate gpt2 --jsonl
            """)

    @Argument(help: "A model folder, or an id in the Hub cache.")
    var model: String

    @Option(help: ArgumentHelp("The text to continue.", valueName: "text"))
    var prompt: String?

    @OptionGroup var lines: LinesOptions

    @Option(help: ArgumentHelp("Maximum number of new tokens. (default: 64)", valueName: "n"))
    var maxNewTokens: Int?

    @OptionGroup var strategy: StrategyOptions

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Stop before this text, which is left out; may be repeated.", valueName: "text"))
    var stop: [String] = []

    @Option(
        help: ArgumentHelp(
            "With --jsonl: prompts continued together, whose answers appear together. (default: "
                + "\(Self.fileBatch) from a file, 1 from stdin)", valueName: "n"))
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
        if stop.contains("") { throw ValidationError("--stop must not be an empty text") }
        if let maxNewTokens, maxNewTokens < 0 {
            throw ValidationError("--max-new-tokens must not be negative")
        }
        if let batchSize, !(1...1024).contains(batchSize) {
            throw ValidationError("--batch-size must be from 1 to 1024")
        }
    }

    func run() throws {
        let request = strategy.request(maxNewTokens: maxNewTokens, stop: stop)
        // Before the model is opened, which may take long.
        try request.options.validate()
        let context = try running.context()
        let model = try running.model(model, context, quiet)
        try model.checkLanguageHead()
        let options = try options(request, model)
        let session = GenerationSession(model, context: context, cacheStorage: cache.cache)
        // Stop texts are found by decoding, also after ids.
        if prompt != nil || !stop.isEmpty { session.tokenizer = try model.tokenizer() }
        if let prompt {
            try continueOne(try PromptEncoder(model).front(prompt), options, session)
        } else {
            try continueLines(options, model, session)
        }
    }

    private func options(_ request: GenerationRequest, _ model: LanguageModel)
        throws(SwiftletError) -> GenerationOptions
    {
        let configuration = model.generationConfiguration
        if strategy.generationConfig { return try request.options(configuration) }
        if let note = request.unappliedNote(configuration, without: "--generation-config") {
            quiet.note(note)
        }
        return request.options
    }

    private func continueOne(
        _ prompt: [Int32], _ options: GenerationOptions, _ session: GenerationSession
    ) throws(SwiftletError) {
        var shown = false
        let sequences = try session.generate([prompt], options) { _, piece throws(SwiftletError) in
            if !lines.json {
                StandardOutput.shared.text(piece.text)
                try StandardOutput.shared.flush()
                shown = true
            }
            return true
        }[0]
        noteIfContextIsFull(sequences, session, prompt, options)
        if lines.json {
            StandardOutput.shared.line(Self.object(sequences, hasText: true))
        } else if shown {
            StandardOutput.shared.line("")
        } else {
            for sequence in sequences { StandardOutput.shared.text((sequence.text ?? "") + "\n") }
        }
    }

    /// A prompt of a line.
    private struct Prompt {
        let ids: [Int32]
        /// Whether it was given as text.
        let isText: Bool
    }

    private func continueLines(
        _ options: GenerationOptions, _ model: LanguageModel, _ session: GenerationSession
    ) throws(SwiftletError) {
        let encoder = PromptEncoder(model)
        let size = batchSize ?? (lines.input == nil ? 1 : Self.fileBatch)
        try LineInput(path: lines.input).forEachBatch(of: size) { batch throws(SwiftletError) in
            var prompts: [Prompt] = []
            var failure: SwiftletError?
            for line in batch where failure == nil {
                do throws(SwiftletError) {
                    prompts.append(
                        try line.located { () throws(SwiftletError) in
                            let prompt = try read(line, encoder)
                            try session.validate(prompt.ids)
                            if prompt.isText { session.tokenizer = try model.tokenizer() }
                            return prompt
                        })
                } catch {
                    failure = error
                }
            }
            // The lines before a bad one are answered first.
            let items = zip(batch, prompts).map { (line: $0, prompt: $1) }
            do throws(SwiftletError) {
                try answer(items, options, session)
            } catch {
                // One of the lines has an error: those before it are answered, and it is named.
                for item in items {
                    try item.line.located { () throws(SwiftletError) in
                        try answer([item], options, session)
                    }
                    try StandardOutput.shared.flush()
                }
                throw error
            }
            if let failure { throw failure }
            try StandardOutput.shared.flush()
        }
    }

    private func answer(
        _ items: [(line: LineObject, prompt: Prompt)], _ options: GenerationOptions,
        _ session: GenerationSession
    ) throws(SwiftletError) {
        let results = try session.generate(items.map(\.prompt.ids), options)
        for (item, sequences) in zip(items, results) {
            noteIfContextIsFull(sequences, session, item.prompt.ids, options)
            StandardOutput.shared.line(
                item.line.answer(Self.object(sequences, hasText: item.prompt.isText)))
        }
    }

    private func read(_ line: LineObject, _ encoder: PromptEncoder) throws(SwiftletError)
        -> Prompt
    {
        if let ids = try line.ids() { return Prompt(ids: ids, isText: false) }
        guard let prompt = try line.string("prompt") else {
            throw line.lacking("\"prompt\" or \"ids\"")
        }
        return Prompt(ids: try encoder.front(prompt), isText: true)
    }

    private func noteIfContextIsFull(
        _ sequences: [GeneratedSequence], _ session: GenerationSession, _ prompt: [Int32],
        _ options: GenerationOptions
    ) {
        let room = session.room(after: prompt)
        if room < options.maxNewTokens,
            sequences.contains(where: { !$0.finished && $0.ids.count == room })
        {
            quiet.note("the context is full after \(room) new tokens")
        }
    }

    private static func object(_ sequences: [GeneratedSequence], hasText: Bool) -> JSONObject {
        let sequences = sequences.map { sequence in
            JSONValue.object([
                "ids": sequence.ids.json,
                "text": hasText ? sequence.text.map { .string($0) } ?? .null : .null,
                "score": JSONValue(finite: sequence.score),
                "finished": .bool(sequence.finished),
            ])
        }
        return ["sequences": .array(sequences)]
    }
}
