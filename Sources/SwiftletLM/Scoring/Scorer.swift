import SwiftletBytes
import SwiftletCompute

/// Computes teacher-forced log-probabilities of sequences, packed into batches.
///
/// A scorer belongs to one thread at a time.
public final class Scorer {
    private let decoder: TransformerDecoder
    private let context: ComputeContext
    private let workspace = Workspace()
    private let cached: CachedDecoder
    private var prefix: SharedPrefix?

    /// A sequence, and the first of its tokens to score.
    public struct Request: Sendable {
        /// The tokens.
        public let ids: [Int32]
        /// The index of the first token that is scored; the tokens before it are given.
        ///
        /// At least 1.
        public let firstScored: Int

        /// A request for the tokens of `ids` from `firstScored` on.
        public init(ids: [Int32], firstScored: Int = 1) {
            precondition(firstScored >= 1, "the first token has no past")
            self.ids = ids
            self.firstScored = firstScored
        }

        /// The rows of the sequence whose logits predict the scored tokens.
        var scoredRows: Range<Int> {
            let last = max(ids.count - 1, 0)
            return min(firstScored - 1, last)..<last
        }
    }

    /// Creates a scorer for a model.
    public convenience init(_ model: LanguageModel, context: ComputeContext) {
        self.init(model.decoder, context: context)
    }

    /// Creates a scorer for a decoder, such as one in training.
    public init(_ decoder: TransformerDecoder, context: ComputeContext) {
        self.decoder = decoder
        self.context = context
        cached = CachedDecoder(decoder, context: context)
    }

    /// Computes the common beginning of requests' given tokens once, for the scores that follow.
    ///
    /// Results agree with those of whole sequences up to rounding.
    ///
    /// - Parameter ids: the beginning (``SharedPrefix/common(of:)``); none shares nothing.
    /// - Throws: bad data (65) for unknown tokens or more than fit;
    ///   ``/SwiftletBytes/SwiftletError/Code/cancelled``.
    public func share(prefix ids: [Int32]) throws(SwiftletError) {
        prefix = try SharedPrefix(
            ids, cached, decoder.description, empty: CachedSequence(decoder.description))
    }

    /// The tokens that callers of ``score(_:)`` pack into one batch (``TokenPacking``); more gain
    /// nothing.
    public static let batchTokens = 2048

    /// Checks one sequence, so that a caller can report its line.
    ///
    /// - Throws: bad data (65) for a token outside the vocabulary or a sequence that exceeds the
    ///   context.
    public func validate(_ ids: [Int32]) throws(SwiftletError) {
        try TokenBatch([ids]).validate(for: decoder.description)
    }

    /// Computes the natural logarithms of the scored tokens' probabilities, given all tokens before
    /// each.
    ///
    /// Given tokens that several requests share are computed once.
    ///
    /// - Parameter requests: scored together.
    /// - Returns: for each request the values of its scored tokens, in order.
    /// - Throws: bad data (65) as ``validate(_:)``; unsupported (69) for a model without
    ///   language-model head; ``/SwiftletBytes/SwiftletError/Code/cancelled``.
    public func score(_ requests: [Request]) throws(SwiftletError) -> [[Double]] {
        var scores = [[Double]](repeating: [], count: requests.count)
        let (alone, groups) = SharedPrompt.groups(
            requests, decoder.description, withSingles: prefix != nil)
        let results = try scoreAlone(alone.map { requests[$0] })
        for (index, result) in zip(alone, results) { scores[index] = result }
        for group in groups {
            let results = try score(group, requests)
            for (index, result) in zip(group.requests, results) { scores[index] = result }
        }
        return scores
    }

    /// Scores requests that share nothing, in one batch.
    private func scoreAlone(_ requests: [Request]) throws(SwiftletError) -> [[Double]] {
        let batch = TokenBatch(requests.map(\.ids))
        var rows: [Int] = []
        var targets: [Int32] = []
        for (request, sequence) in zip(requests, batch.sequences) {
            for row in request.scoredRows {
                rows.append(sequence.lowerBound + row)
                targets.append(request.ids[row + 1])
            }
        }
        let scores = try logProbabilities(batch, rows: rows, targets: targets)
        return Self.split(scores, requests)
    }

    /// Scores requests that share a prompt: it is computed once without its last token, then
    /// extended by each request.
    private func score(_ group: SharedPrompt, _ all: [Request]) throws(SwiftletError)
        -> [[Double]]
    {
        let requests = group.requests.map { all[$0] }
        for request in requests { try validate(request.ids) }
        let given = Array(group.prompt.dropLast())
        let start =
            prefix?.start(of: given)
            ?? (cache: CachedSequence(decoder.description), rest: given)
        var front = [
            CachedDecoder.Extension(cache: start.cache, ids: start.rest, wanted: 0)
        ]
        try cached.extend(&front) { _, _ in }
        var extensions = requests.map { request in
            CachedDecoder.Extension(
                cache: front[0].cache,
                ids: Array(request.ids[(request.firstScored - 1)..<(request.ids.count - 1)]),
                wanted: request.scoredRows.count)
        }
        let targets = requests.flatMap { $0.ids[$0.firstScored...] }
        var scores: [Double] = []
        try cached.extend(&extensions) { logits, tokens in
            scores += context.logProbabilities(logits, targets: Array(targets[tokens]))
        }
        try Self.check(scores)
        return Self.split(scores, requests)
    }

    /// Splits consecutive scores by request.
    private static func split(_ scores: [Double], _ requests: [Request]) -> [[Double]] {
        var position = 0
        return requests.map { request in
            let end = position + request.scoredRows.count
            defer { position = end }
            return Array(scores[position..<end])
        }
    }

    private static func check(_ scores: [Double]) throws(SwiftletError) {
        if scores.contains(where: \.isNaN) {
            throw SwiftletError(.logitsNotFinite, "the model's logits are not finite")
        }
    }

    /// Computes the log-probability of one target token after each of some rows of a batch.
    ///
    /// - Parameters:
    ///   - batch: the sequences.
    ///   - rows: rows of the batch.
    ///   - targets: a token per row.
    /// - Returns: one value per row.
    /// - Throws: as ``score(_:)``.
    public func logProbabilities(_ batch: TokenBatch, rows: [Int], targets: [Int32])
        throws(SwiftletError) -> [Double]
    {
        var results: [Double] = []
        try forEachLogits(batch, rows: rows) { logits, chunk in
            results += context.logProbabilities(logits, targets: Array(targets[chunk]))
        }
        try Self.check(results)
        return results
    }

    /// Calls `body` with the logits at some rows of a batch, a chunk at a time.
    ///
    /// - Parameters:
    ///   - batch: the sequences.
    ///   - rows: rows of the batch.
    ///   - body: gets the logits, chunk × vocabularySize, which it may change, and which of `rows`
    ///     they belong to.
    /// - Throws: bad data (65) as ``validate(_:)``; unsupported (69) for a model without
    ///   language-model head.
    public func forEachLogits(
        _ batch: TokenBatch, rows: [Int], _ body: (Matrix, Range<Int>) -> Void
    ) throws(SwiftletError) {
        try batch.validate(for: decoder.description)
        let head = try decoder.languageHead()
        guard !rows.isEmpty else { return }
        workspace.reset()
        let hidden = try decoder.hiddenStates(
            batch, rows: rows, sequences: TransformerDecoder.within(batch), context, workspace)
        decoder.forEachLogits(of: hidden, by: head, context, workspace, body)
    }

    /// Computes the logits at every token of a sequence, for comparisons and study.
    ///
    /// - Returns: one row of vocabularySize logits per token.
    /// - Throws: as ``score(_:)``.
    public func logits(_ ids: [Int32]) throws(SwiftletError) -> [[Float]] {
        let batch = TokenBatch([ids])
        try batch.validate(for: decoder.description)
        let head = try decoder.languageHead()
        workspace.reset()
        let hidden = try decoder.hiddenStates(
            batch, rows: Array(0..<ids.count), sequences: TransformerDecoder.within(batch), context,
            workspace)
        var rows: [[Float]] = []
        decoder.forEachLogits(of: hidden, by: head, context, workspace) { logits, chunk in
            for row in 0..<chunk.count { rows.append(logits.rows(row..<row + 1).values) }
        }
        return rows
    }
}
