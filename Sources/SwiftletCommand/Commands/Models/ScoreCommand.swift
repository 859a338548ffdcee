import ArgumentParser
import SwiftletBytes
import SwiftletCompute
import SwiftletLM

struct ScoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score", abstract: "Log-probabilities that a model assigns to text.",
        discussion: """
            Natural logarithms of the probabilities of tokens 1…n-1 given the tokens before each, \
            or of a completion's tokens. Lines are {"ids"}, {"text"} or {"prompt","completion"}; \
            with "ids" no tokenizer is needed.

            EXAMPLE
              swiftlet score gpt2 "The capital of France is Paris."
              echo '{"prompt":"2 + 2 =","completion":" 4"}' | swiftlet score gpt2 --jsonl --eos
            """)

    @OptionGroup var input: TextOptions

    @Flag(
        help: "Close each text with the end-of-sequence token and score it too.")
    var eos = false

    func run() throws {
        try input.answer { model, context throws(SwiftletError) in
            try TextScorer(model, closes: eos, context)
        }
    }
}

/// Scores texts and lines.
private struct TextScorer: TextAnswerer {
    private let model: LanguageModel
    private let encoder: PromptEncoder
    private let closes: Bool
    private let scorer: Scorer

    init(_ model: LanguageModel, closes: Bool, _ context: ComputeContext) throws(SwiftletError) {
        try model.checkLanguageHead()
        self.model = model
        self.closes = closes
        encoder = PromptEncoder(model)
        if closes, let error = model.generationConfiguration.stopTokenError { throw error }
        if closes, encoder.closingToken() == nil {
            throw SwiftletError(
                .usage,
                "--eos: no end-of-sequence token in generation_config.json, config.json or the "
                    + "tokenizer")
        }
        scorer = Scorer(model, context: context)
    }

    func request(text: String) throws(SwiftletError) -> Scorer.Request {
        try encoder.request(text: text, closes: closes)
    }

    func request(_ line: LineObject) throws(SwiftletError) -> Scorer.Request {
        if let ids = try line.ids() { return try encoder.request(ids: ids, closes: closes) }
        if let text = try line.string("text") { return try request(text: text) }
        guard let prompt = try line.string("prompt"),
            let completion = try line.string("completion")
        else { throw line.lacking("\"ids\", \"text\", or \"prompt\" and \"completion\"") }
        do throws(SwiftletError) {
            return try encoder.request(prompt: prompt, completion: completion, closes: closes)
        } catch {
            throw error.code == .emptyPrompt ? error.at("key \"prompt\"") : error
        }
    }

    func validate(_ request: Scorer.Request) throws(SwiftletError) {
        try scorer.validate(request.ids)
    }

    func tokenCount(_ request: Scorer.Request) -> Int { request.ids.count }

    func answers(_ requests: [Scorer.Request]) throws(SwiftletError) -> [[Double]] {
        try scorer.score(requests)
    }

    func object(_ scores: [Double]) -> JSONObject {
        [
            "logprobs": .array(scores.map { JSONValue(finite: $0) }),
            "sum": JSONValue(finite: scores.reduce(0, +)), "tokens": JSONValue(scores.count),
        ]
    }

    func table(_ request: Scorer.Request, _ scores: [Double]) throws(SwiftletError) -> [String] {
        let tokenizer = try model.tokenizer()
        let rows = zip(request.ids.dropFirst(request.firstScored), scores).map { id, score in
            "\(score)\t\(id)\t\(tokenizer.printable(id))"
        }
        return rows + ["sum \(scores.reduce(0, +)) over \(scores.count) tokens"]
    }
}
