import SwiftletBytes
import SwiftletCompute

/// Hidden states as the head reads them: behind the final norm, and behind OPT-350m's projection.
public final class Embedder {
    private let decoder: TransformerDecoder
    private let context: ComputeContext
    private let workspace = Workspace()

    /// Creates an embedder.
    public init(_ decoder: TransformerDecoder, context: ComputeContext) {
        self.decoder = decoder
        self.context = context
    }

    /// The row of every token of a sequence.
    ///
    /// - Parameter ids: the tokens.
    /// - Returns: ids.count × embeddingSize.
    /// - Throws: bad data (65): a token outside the vocabulary, a sequence beyond the context.
    public func rows(_ ids: [Int32]) throws(SwiftletError) -> Matrix {
        try rows(TokenBatch([ids]), Array(ids.indices))
    }

    /// The row of the last token of each sequence: what a classification head reads.
    ///
    /// - Parameter sequences: computed in one batch; none is empty.
    /// - Returns: sequences.count × embeddingSize.
    /// - Throws: bad data (65) as ``rows(_:)``, and for an empty sequence.
    public func lastRows(_ sequences: [[Int32]]) throws(SwiftletError) -> Matrix {
        guard sequences.allSatisfy({ !$0.isEmpty }) else {
            throw SwiftletError(.emptyPrompt, "a sequence without tokens has no last one")
        }
        let batch = TokenBatch(sequences)
        return try rows(batch, batch.sequences.map { $0.upperBound - 1 })
    }

    private func rows(_ batch: TokenBatch, _ rows: [Int]) throws(SwiftletError) -> Matrix {
        try batch.validate(for: decoder.description)
        workspace.reset()
        return Matrix(
            copying: decoder.hiddenStates(
                batch, rows: rows, sequences: TransformerDecoder.within(batch), context, workspace))
    }
}
