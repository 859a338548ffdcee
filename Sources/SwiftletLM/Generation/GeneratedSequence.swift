/// A finished continuation.
public struct GeneratedSequence: Sendable, Equatable {
    /// The new tokens, including the stop token that ended them.
    public let ids: [Int32]
    /// Their text without special tokens; nil without a tokenizer.
    public let text: String?
    /// The sum of the new tokens' log-probabilities under the model.
    ///
    /// For beams it includes a repetition penalty, if there is one, and is divided by a power of
    /// their number (``BeamOptions/lengthPenalty``).
    public let score: Double
    /// Whether a stop token or a stop text ended it, rather than a limit.
    public let finished: Bool
}

/// One new token of a continuation, with the text that it completes.
public struct GenerationPiece: Sendable, Equatable {
    /// The token.
    public let id: Int32
    /// The text that became certain with the token; empty inside a character or a possible stop
    /// text.
    ///
    /// The pieces joined are the sequence's text.
    public let text: String
    /// The token's log-probability under the model.
    public let logProbability: Double
}
