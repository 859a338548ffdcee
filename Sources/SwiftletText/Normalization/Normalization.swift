/// Where a tokenizer normalizes text to NFC.
enum Normalization: Sendable {
    /// Nowhere.
    case none
    /// Between the added tokens that stand in the text verbatim, not across them.
    case betweenTokens
    /// In the whole text, before tokens are looked for (Qwen v1).
    case wholeText
}
