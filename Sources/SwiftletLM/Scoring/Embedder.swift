import SwiftletBytes
import SwiftletCompute

/// Computes hidden states as the head reads them: after the final norm and OPT-350m's output
/// projection.
///
/// An embedder belongs to one thread at a time.
public final class Embedder {
    private let decoder: TransformerDecoder
    private let context: ComputeContext
    private let workspace = Workspace()

    /// Creates an embedder for a model.
    public convenience init(_ model: LanguageModel, context: ComputeContext) {
        self.init(model.decoder, context: context)
    }

    /// Creates an embedder for a decoder, such as one in training.
    public init(_ decoder: TransformerDecoder, context: ComputeContext) {
        self.decoder = decoder
        self.context = context
    }

    /// Computes the hidden state of every token of a sequence.
    ///
    /// - Parameter ids: the tokens.
    /// - Returns: ids.count × embeddingSize.
    /// - Throws: bad data (65) for a token outside the vocabulary or a sequence that exceeds the
    ///   context; ``/SwiftletBytes/SwiftletError/Code/cancelled``.
    public func rows(_ ids: [Int32]) throws(SwiftletError) -> Matrix {
        try rows(TokenBatch([ids]), Array(ids.indices))
    }

    /// Computes the hidden state of the last token of each sequence, which classification heads
    /// read.
    ///
    /// - Parameter sequences: computed in one batch; none is empty.
    /// - Returns: sequences.count × embeddingSize.
    /// - Throws: as ``rows(_:)``; bad data (65) for an empty sequence.
    public func lastRows(_ sequences: [[Int32]]) throws(SwiftletError) -> Matrix {
        guard sequences.allSatisfy({ !$0.isEmpty }) else {
            throw SwiftletError(.emptyPrompt, "a sequence without tokens has no last token")
        }
        let batch = TokenBatch(sequences)
        return try rows(batch, batch.sequences.map { $0.upperBound - 1 })
    }

    private func rows(_ batch: TokenBatch, _ rows: [Int]) throws(SwiftletError) -> Matrix {
        try batch.validate(for: decoder.description)
        workspace.reset()
        return Matrix(
            copying: try decoder.hiddenStates(
                batch, rows: rows, sequences: TransformerDecoder.within(batch), context, workspace))
    }
}
