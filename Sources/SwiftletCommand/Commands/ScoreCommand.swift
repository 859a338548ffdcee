import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import SwiftletLM
import SwiftletText

struct ScoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score", abstract: "Log-probabilities that a model gives to text.",
        discussion: """
            Natural logarithms of tokens 1…n-1 given their past, or of a completion's tokens. With \
            "ids" no tokenizer is needed.

            EXAMPLE
              swiftlet score gpt2 "The capital of France is Paris."
              echo '{"prompt":"2 + 2 =","completion":" 4"}' | swiftlet score gpt2 --jsonl --eos
            """)

    @Argument(help: "A model folder.")
    var model: String

    @Argument(
        help: "The text; without it, --jsonl reads lines of ids, text, or prompt and completion.")
    var text: String?

    @OptionGroup var lines: LinesOptions

    @Flag(help: "Score a closing end-of-sequence token too.")
    var eos = false

    @OptionGroup var batches: BatchTokensOption
    @OptionGroup var running: RunningOptions
    @OptionGroup var quiet: QuietOption

    func validate() throws {
        if (text == nil) != lines.jsonl {
            throw ValidationError("give a text, or --jsonl")
        }
        try lines.validateInputIsLines()
    }

    func run() throws {
        let context = try running.context()
        let model = try running.model(model, context, quiet)
        try model.checkLanguageHead()
        let encoder = try ScoreEncoder(model, closes: eos)
        let scorer = Scorer(model.decoder, context: context)
        guard lines.jsonl else {
            let request = try encoder.text(text ?? "")
            try scorer.validate(request.ids)
            let scores = try scorer.score([request])[0]
            if lines.json {
                StandardOutput.shared.line(Self.object(scores))
            } else {
                printTable(request, scores, try model.tokenizer())
            }
            return
        }
        try LineInput(path: lines.input).answer(inBatchesOf: batches.batchTokens) {
            line throws(SwiftletError) in
            let request = try encoder.request(line)
            try scorer.validate(request.ids)
            return (request, request.ids.count)
        } compute: { requests throws(SwiftletError) in
            try scorer.score(requests).map(Self.object)
        }
    }

    private static func object(_ scores: [Double]) -> JSONObject {
        [
            "logprobs": .array(scores.map { JSONValue(finite: $0) }),
            "sum": JSONValue(finite: scores.reduce(0, +)), "tokens": JSONValue(scores.count),
        ]
    }

    private func printTable(
        _ request: Scorer.Request, _ scores: [Double], _ tokenizer: TextTokenizer
    ) {
        for (id, score) in zip(request.ids.dropFirst(request.firstScored), scores) {
            StandardOutput.shared.line("\(score)\t\(id)\t\(tokenizer.token(of: id) ?? "")")
        }
        let sum = scores.reduce(0, +)
        StandardOutput.shared.line("sum \(sum) over \(scores.count) tokens")
    }
}

/// Turns lines into requests: texts and prompts get the family's front, completions do not.
private struct ScoreEncoder {
    private let model: LanguageModel
    private let closing: [Int32]
    private let tokenizer: Result<TextTokenizer, SwiftletError>

    init(_ model: LanguageModel, closes: Bool) throws(SwiftletError) {
        self.model = model
        if closes {
            guard let end = model.endOfSequence.first else {
                throw SwiftletError(
                    .usage, "--eos: neither config.json nor generation_config.json names a token")
            }
            closing = [end]
        } else {
            closing = []
        }
        // Read once, missed only by lines that need it.
        do throws(SwiftletError) {
            tokenizer = .success(try model.tokenizer())
        } catch {
            tokenizer = .failure(error)
        }
    }

    func text(_ text: String) throws(SwiftletError) -> Scorer.Request {
        Scorer.Request(ids: try tokenizer.get().encode(text).ids + closing)
    }

    func request(_ line: LineObject) throws(SwiftletError) -> Scorer.Request {
        if let ids = try line.ids() { return Scorer.Request(ids: ids + closing) }
        if let text = try line.string("text") { return try self.text(text) }
        guard let prompt = try line.string("prompt"),
            let completion = try line.string("completion")
        else { throw line.lacking("\"ids\", \"text\", or \"prompt\" and \"completion\"") }
        let front = try tokenizer.get().encode(prompt).ids
        guard !front.isEmpty else {
            throw SwiftletError(
                .lineValue, "an empty prompt leaves the completion's first token without a past",
                at: "key \"prompt\"")
        }
        let back = try tokenizer.get().encode(completion, addSpecialTokens: false).ids
        return Scorer.Request(ids: front + back + closing, firstScored: front.count)
    }
}
