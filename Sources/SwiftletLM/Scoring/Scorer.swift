import SwiftletBytes
import SwiftletCompute

/// Teacher-forced log-probabilities of many sequences, packed into batches.
public final class Scorer {
    private let decoder: Decoder
    private let context: ComputeContext
    private let workspace = Workspace()

    /// A sequence, and from which token on its log-probabilities are wanted.
    public struct Request: Sendable {
        /// The tokens.
        public let ids: [Int32]
        /// The first token that is scored; tokens before it are given. At least 1.
        public let firstScored: Int

        /// A request for tokens `firstScored`… of `ids`.
        public init(ids: [Int32], firstScored: Int = 1) {
            precondition(firstScored >= 1, "the first token has no past")
            self.ids = ids
            self.firstScored = firstScored
        }

        /// The rows of the sequence whose logits say the scored tokens.
        var scoredRows: Range<Int> {
            let last = max(ids.count - 1, 0)
            return min(firstScored - 1, last)..<last
        }
    }

    /// Creates a scorer.
    public init(_ decoder: Decoder, context: ComputeContext) {
        self.decoder = decoder
        self.context = context
    }

    /// Tokens packed into one batch by ``score(_:)``'s callers; more gains nothing.
    public static let batchTokens = 2048

    /// Checks one sequence, so that a caller can name its line.
    ///
    /// - Throws: bad data (65): a token outside the vocabulary, a sequence beyond the context.
    public func validate(_ ids: [Int32]) throws(SwiftletError) {
        try TokenBatch([ids]).validate(for: decoder.description)
    }

    /// The natural logarithms of the scored tokens' probabilities, given all tokens before each.
    ///
    /// - Parameter requests: scored in one batch.
    /// - Throws: bad data (65) as ``validate(_:)``.
    public func score(_ requests: [Request]) throws(SwiftletError) -> [[Double]] {
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
        var position = 0
        return requests.map { request in
            let end = position + request.scoredRows.count
            defer { position = end }
            return Array(scores[position..<end])
        }
    }

    /// The log-probability of one target behind each of some rows of a batch.
    ///
    /// - Parameters:
    ///   - batch: the sequences.
    ///   - rows: rows of the batch.
    ///   - targets: a token for each of the rows.
    /// - Throws: bad data (65) as ``validate(_:)``.
    public func logProbabilities(_ batch: TokenBatch, rows: [Int], targets: [Int32])
        throws(SwiftletError) -> [Double]
    {
        try batch.validate(for: decoder.description)
        guard !rows.isEmpty else { return [] }
        workspace.reset()
        let hidden = decoder.hiddenRows(
            batch, rows: rows, sequences: Decoder.within(batch), context, workspace)
        var results: [Double] = []
        decoder.forEachLogits(of: hidden, context, workspace) { logits, chunk in
            results += context.logProbabilities(logits, targets: Array(targets[chunk]))
        }
        if results.contains(where: \.isNaN) {
            throw SwiftletError(.logitsNotFinite, "the model's logits are not finite")
        }
        return results
    }

    /// The logits of every token of a sequence, row after row: for comparisons and study.
    ///
    /// - Returns: ids.count × vocabularySize.
    /// - Throws: bad data (65) as ``validate(_:)``.
    public func logits(_ ids: [Int32]) throws(SwiftletError) -> [[Float]] {
        let batch = TokenBatch([ids])
        try batch.validate(for: decoder.description)
        workspace.reset()
        let hidden = decoder.hiddenRows(
            batch, rows: Array(0..<ids.count), sequences: Decoder.within(batch), context, workspace)
        var rows: [[Float]] = []
        decoder.forEachLogits(of: hidden, context, workspace) { logits, chunk in
            for row in 0..<chunk.count { rows.append(logits.rows(row..<row + 1).values) }
        }
        return rows
    }
}
