/// A finished continuation.
public struct GeneratedSequence: Sendable, Equatable {
    /// The new tokens, with the end-of-sequence token that ended them.
    public let ids: [Int32]
    /// Their text without special tokens; nil without a tokenizer.
    public let text: String?
    /// The sum of the new tokens' log-probabilities under the model; of a beam, with a repetition
    /// penalty if there is one, divided by a power of their number (``BeamOptions/lengthPenalty``).
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
