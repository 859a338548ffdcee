/// How special-token strings in the input, such as `<|endoftext|>`, are treated.
public enum SpecialTokens: String, Sendable, CaseIterable {
    /// They become the special tokens.
    case parse
    /// They are text like any other, so that a user's text cannot end a document or change a role.
    /// Added tokens that are not special are still recognised.
    case text
}
