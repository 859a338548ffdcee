/// A token that is recognised in the text before anything else, such as `<|endoftext|>`.
struct AddedToken: Sendable, Equatable {
    /// The token's text.
    var content: String
    /// Whether it counts only where no word character (`\w`) is next to it.
    var singleWord = false
    /// Whether the white space before it belongs to it.
    var lstrip = false
    /// Whether the white space after it belongs to it.
    var rstrip = false
    /// Whether it is searched for in normalized text, after the tokens that are not.
    var normalized: Bool
    /// Whether `decode(skipSpecialTokens: true)` leaves it out.
    var special: Bool

    /// A token with the flags that Hugging Face gives a plain string.
    init(_ content: String, special: Bool) {
        self.content = content
        self.special = special
        normalized = !special
    }
}
