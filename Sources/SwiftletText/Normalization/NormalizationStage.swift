/// At which stage a tokenizer normalizes text to NFC.
enum NormalizationStage: Sendable {
    /// Never.
    case none
    /// Between the added tokens that are matched before normalization, not across them, as Hugging
    /// Face's tokenizers does.
    case betweenTokens
    /// The whole text, before it is searched for tokens (Qwen v1), as Python does.
    case wholeText
}
