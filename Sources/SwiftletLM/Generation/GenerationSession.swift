import SwiftletBytes
import SwiftletCompute
import SwiftletText

/// A finished continuation.
public struct GeneratedSequence: Sendable, Equatable {
    /// The new tokens, with the end-of-sequence token that ended them.
    public let ids: [Int32]
    /// Their text without special tokens; nil without a tokenizer.
    public let text: String?
    /// The sum of the new tokens' log-probabilities under the model.
    public let score: Double
    /// Whether an end-of-sequence token or a stop text ended it, rather than a limit.
    public let finished: Bool
}

/// A piece of a continuation as it comes.
public struct GenerationPiece: Sendable, Equatable {
    /// The token.
    public let id: Int32
    /// The text that became certain with it; may be empty inside a character or a possible stop
    /// text. All pieces together are the sequence's text.
    public let text: String
    /// The token's log-probability under the model.
    public let logProbability: Double
}

/// One model at work on continuations, one at a time.
public final class GenerationSession {
    private let model: LanguageModel
    private let context: ComputeContext
    private let tokenizer: TextTokenizer?
    private let workspace = Workspace()

    /// Creates a session.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - tokenizer: for prompts and texts; without one, ids go in and out.
    ///   - context: the threads.
    public init(_ model: LanguageModel, tokenizer: TextTokenizer?, context: ComputeContext) {
        self.model = model
        self.tokenizer = tokenizer
        self.context = context
    }

    /// The most new tokens that fit behind a prompt.
    public func room(after prompt: [Int32]) -> Int {
        max(model.decoder.description.contextLength - prompt.count, 0)
    }

    /// Continues a prompt.
    ///
    /// - Parameters:
    ///   - prompt: at least one token.
    ///   - options: what and how long.
    ///   - onPiece: called with each token as it is chosen; returns false to stop.
    /// - Throws: bad data (65) for an empty prompt, one that does not fit, or unknown tokens;
    ///   usage (64) for options out of range.
    public func generate(
        _ prompt: [Int32], _ options: GenerationOptions,
        onPiece: (GenerationPiece) throws(SwiftletError) -> Bool = { _ in true }
    ) throws(SwiftletError) -> GeneratedSequence {
        try options.sampling?.validate()
        guard !prompt.isEmpty else {
            throw SwiftletError(.emptyPrompt, "the prompt has no tokens, so nothing can follow it")
        }
        guard options.stop.isEmpty || tokenizer != nil else {
            throw SwiftletError(.usage, "stop texts need a tokenizer")
        }
        let ends = Set(options.endOfSequence ?? model.endOfSequence)
        var cache = CachedSequence(model.decoder.description)
        var sampler = options.sampling.map { Sampler($0) }
        var text = TextAssembler(tokenizer, stop: options.stop)
        var ids: [Int32] = []
        var score = 0.0
        var finished = false
        var input = prompt
        let limit = min(options.maxNewTokens, room(after: prompt) + 1)
        // The last position of the context can still say a token, though not be followed up.
        while ids.count < limit {
            let logits = try step(input, &cache)
            let id = sampler?.draw(logits.values) ?? Int32(context.argmax(logits, row: 0))
            let logProbability = context.logProbabilities(logits, targets: [id])[0]
            guard logProbability.isFinite else {
                throw SwiftletError(
                    .logitsNotFinite, file: model.path, "the model's logits are not finite",
                    at: "new token \(ids.count + 1)")
            }
            ids.append(id)
            score += logProbability
            let ended = ends.contains(id)
            var certain = ended ? "" : try text.push(id)
            if ended || text.stopped || ids.count == limit { certain += text.finish() }
            let goesOn = try onPiece(
                GenerationPiece(id: id, text: certain, logProbability: logProbability))
            if ended || text.stopped {
                finished = true
                break
            }
            if !goesOn { break }
            input = [id]
        }
        return GeneratedSequence(
            ids: ids, text: text.whole, score: score, finished: finished)
    }

    /// The logits behind the last of some tokens, which join the cache: 1 × vocabularySize.
    private func step(_ ids: [Int32], _ cache: inout CachedSequence) throws(SwiftletError)
        -> Matrix
    {
        var batch = TokenBatch()
        batch.append(ids, from: cache.count)
        try batch.validate(for: model.decoder.description)
        cache.grow(by: ids.count)
        let cached = cache
        workspace.reset()
        let hidden = model.decoder.hiddenRows(
            batch, rows: [ids.count - 1],
            sequences: { layer, keys, values in
                cached.store(layer: layer, keys: keys, values: values)
                return [
                    AttentionSequence(
                        queries: 0..<ids.count, runs: cached.runs(layer: layer))
                ]
            }, context, workspace)
        let logits = workspace.matrix(
            rows: 1, columns: model.decoder.description.vocabularySize)
        context.product(hidden, model.decoder.weights.head.weight, into: logits)
        return logits
    }
}

extension SwiftletError.Code {
    /// A prompt without tokens.
    public static let emptyPrompt = Self("generation.emptyPrompt", .badData)
    /// The model computes infinities or NaN: its weights are damaged or beyond their dtype.
    public static let logitsNotFinite = Self("model.notFinite", .badData)
}
