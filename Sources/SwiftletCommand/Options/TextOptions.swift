import ArgumentParser
import SwiftletBytes
import SwiftletCompute
import SwiftletLM

/// The input of a command that answers one text, or lines of texts or ids in batches.
struct TextOptions: ParsableArguments {
    @Argument(help: "A model folder, or an id in the Hub cache.")
    var model: String

    @Argument(help: "The text; without it, --jsonl reads lines.")
    var text: String?

    @OptionGroup var lines: LinesOptions

    @Option(
        help: ArgumentHelp(
            "With --jsonl: gather lines up to this number of tokens before answering; 0 answers "
                + "each line at once, for programs that wait for the answer.", valueName: "n"))
    var batchTokens = Scorer.batchTokens

    @OptionGroup var running: RunningOptions
    @OptionGroup var quiet: QuietOption

    func validate() throws {
        if (text == nil) != lines.jsonl {
            throw ValidationError("give a text, or --jsonl")
        }
        try lines.validateInputIsLines()
        if batchTokens < 0 { throw ValidationError("--batch-tokens must not be negative") }
    }

    /// Opens the model and prints an answer to the text, or to each line.
    ///
    /// - Parameter prepare: what computes the answers.
    /// - Throws: the errors of opening the model and of reading the input, and what the answerer
    ///   throws.
    func answer<Answerer: TextAnswerer>(
        by prepare: (LanguageModel, ComputeContext) throws(SwiftletError) -> Answerer
    ) throws(SwiftletError) {
        let context = try running.context()
        let model = try running.model(model, context, quiet)
        let answerer = try prepare(model, context)
        guard let text else {
            try LineInput(path: lines.input).answer(inBatchesOf: batchTokens, by: answerer)
            return
        }
        let request = try answerer.request(text: text)
        try answerer.validate(request)
        let answer = try answerer.answers([request])[0]
        if lines.json {
            StandardOutput.shared.line(answerer.object(answer))
        } else {
            for row in try answerer.table(request, answer) { StandardOutput.shared.line(row) }
        }
    }
}

/// What commands with ``TextOptions`` differ in: how input becomes requests, and requests answers.
protocol TextAnswerer {
    /// What is computed for one text.
    associatedtype Request
    /// The result for one request.
    associatedtype Answer

    /// The request for a text on the command line.
    func request(text: String) throws(SwiftletError) -> Request
    /// The request of a line.
    func request(_ line: LineObject) throws(SwiftletError) -> Request
    /// Checks a request, so that an error can name its line.
    func validate(_ request: Request) throws(SwiftletError)
    /// The number of tokens that a request adds to its batch.
    func tokenCount(_ request: Request) -> Int
    /// The answers to the requests of one batch.
    func answers(_ requests: [Request]) throws(SwiftletError) -> [Answer]
    /// An answer as JSON.
    func object(_ answer: Answer) -> JSONObject
    /// An answer as lines for a person.
    func table(_ request: Request, _ answer: Answer) throws(SwiftletError) -> [String]
}

extension LineInput {
    /// Answers lines in batches, in order.
    ///
    /// The lines before a bad one are answered first.
    ///
    /// - Parameters:
    ///   - limit: the most tokens in a batch (``SwiftletLM/TokenPacking``).
    ///   - answerer: computes the answers.
    /// - Throws: the errors of reading the input, and what the answerer throws.
    fileprivate func answer<Answerer: TextAnswerer>(
        inBatchesOf limit: Int, by answerer: Answerer
    ) throws(SwiftletError) {
        var packing = TokenPacking(limit: limit)
        var batch: [(line: LineObject, request: Answerer.Request)] = []
        func answerBatch() throws(SwiftletError) {
            guard !batch.isEmpty else { return }
            // A batch that fails is not tried again.
            let items = batch
            batch = []
            let answers: [Answerer.Answer]
            do throws(SwiftletError) {
                answers = try answerer.answers(items.map(\.request))
            } catch {
                try answerEach(items)
                throw error
            }
            for (item, answer) in zip(items, answers) {
                StandardOutput.shared.line(item.line.answer(answerer.object(answer)))
            }
            try StandardOutput.shared.flush()
        }
        // One of the lines has an error: those before it are answered, and it is named.
        func answerEach(_ items: [(line: LineObject, request: Answerer.Request)])
            throws(SwiftletError)
        {
            for item in items {
                let answer = try item.line.located { () throws(SwiftletError) in
                    try answerer.answers([item.request])[0]
                }
                StandardOutput.shared.line(item.line.answer(answerer.object(answer)))
                try StandardOutput.shared.flush()
            }
        }
        do throws(SwiftletError) {
            try forEachObject { line throws(SwiftletError) in
                let request = try answerer.request(line)
                try answerer.validate(request)
                let placement = packing.add(answerer.tokenCount(request))
                if placement.beginsBatch { try answerBatch() }
                batch.append((line, request))
                if placement.fillsBatch { try answerBatch() }
            }
        } catch {
            try answerBatch()
            throw error
        }
        try answerBatch()
    }
}
