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
            Greedy unless --temperature, --top-k or --top-p asks for sampling; the same --seed gives \
            the same text. With "ids" no tokenizer is needed.

            EXAMPLE
              swiftlet generate gpt2 --prompt "Once upon a time" --max-new-tokens 40
              swiftlet generate gpt2 --prompt "Dear" --temperature 0.8 --top-p 0.9 --seed 7
              echo '{"ids":[15496]}' | swiftlet generate gpt2 --jsonl
            """)

    @Argument(help: "A model folder.")
    var model: String

    @Option(help: ArgumentHelp("The text to continue.", valueName: "text"))
    var prompt: String?

    @OptionGroup var lines: LinesOptions

    @Option(help: ArgumentHelp("The most new tokens.", valueName: "n"))
    var maxNewTokens = 64

    @Option(help: ArgumentHelp("Sample at this temperature, above 0.", valueName: "t"))
    var temperature: Double?

    @Option(help: ArgumentHelp("Sample among the k likeliest tokens.", valueName: "k"))
    var topK: Int?

    @Option(
        help: ArgumentHelp(
            "Sample among the likeliest tokens that together reach this probability.",
            valueName: "p"))
    var topP: Double?

    @Option(help: ArgumentHelp("The start of the random numbers.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "End at this text, which is cut off; may be repeated.", valueName: "text"))
    var stop: [String] = []

    @OptionGroup var threads: ThreadsOption
    @OptionGroup var quiet: QuietOption

    func validate() throws {
        if (prompt == nil) != lines.jsonl {
            throw ValidationError("give --prompt TEXT, or --jsonl")
        }
        try lines.validateInputIsLines()
        if maxNewTokens < 0 { throw ValidationError("--max-new-tokens must not be negative") }
        if let temperature, temperature < 0 {
            throw ValidationError("--temperature must not be negative")
        }
    }

    func run() throws {
        let model = try LanguageModel(path: try ModelLocator.resolve(model))
        model.notes.forEach(quiet.note)
        let context = try threads.context()
        if let prompt {
            try continueOne(prompt, model, context)
            return
        }
        // Read once, missed only by lines that need it.
        let tokenizer = Result { () throws(SwiftletError) in try model.tokenizer() }
        let session = GenerationSession(
            model, tokenizer: try? tokenizer.get(), context: context)
        try LineInput(path: lines.input).forEachObject { line throws(SwiftletError) in
            let ids = try ids(of: line, tokenizer)
            let sequence = try session.generate(ids, options)
            warnIfCut(sequence, session, ids)
            StandardOutput.shared.line(line.answer(Self.object(sequence)))
            try StandardOutput.shared.flush()
        }
    }

    private var options: GenerationOptions {
        let samples = temperature != 0 && (temperature != nil || topK != nil || topP != nil)
        return GenerationOptions(
            maxNewTokens: maxNewTokens,
            sampling: samples
                ? SamplingOptions(temperature: temperature ?? 1, topK: topK, topP: topP, seed: seed)
                : nil, stop: stop)
    }

    private func continueOne(_ prompt: String, _ model: LanguageModel, _ context: ComputeContext)
        throws(SwiftletError)
    {
        let tokenizer = try model.tokenizer()
        let session = GenerationSession(model, tokenizer: tokenizer, context: context)
        let ids = tokenizer.encode(prompt).ids
        let sequence = try session.generate(ids, options) { piece throws(SwiftletError) in
            if !lines.json { StandardOutput.shared.write(piece.text) }
            return true
        }
        warnIfCut(sequence, session, ids)
        if lines.json {
            StandardOutput.shared.line(Self.object(sequence))
        } else {
            StandardOutput.shared.line("")
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
        _ sequence: GeneratedSequence, _ session: GenerationSession, _ prompt: [Int32]
    ) {
        if !sequence.finished, sequence.ids.count < maxNewTokens {
            quiet.note("the context is full after \(sequence.ids.count) new tokens")
        }
    }

    private static func object(_ sequence: GeneratedSequence) -> JSONObject {
        [
            "sequences": .array([
                .object([
                    "ids": sequence.ids.json, "text": sequence.text.map { .string($0) } ?? .null,
                    "score": JSONValue(finite: sequence.score),
                    "finished": .bool(sequence.finished),
                ])
            ])
        ]
    }
}
