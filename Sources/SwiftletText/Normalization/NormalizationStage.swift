/// At which stage a tokenizer normalizes text to NFC.
enum NormalizationStage: Sendable {
    /// Never.
    case none
    /// Between the added tokens that are matched before normalization, not across them.
    case betweenTokens
    /// The whole text, before it is searched for tokens (Qwen v1).
    case wholeText
}
