/// What the strings of special tokens (`<|endoftext|>`) are when they stand in a text.
public enum SpecialTokens: String, Sendable, CaseIterable {
    /// The tokens.
    case parse
    /// Text like any other, so that a user's text cannot end a document or change a role. Tokens
    /// that were added without being special are still recognised.
    case text
}
