/// A token that is looked for in the text before anything else: `<|endoftext|>` and its like.
struct AddedToken: Sendable, Equatable {
    /// What it looks like in the text.
    var content: String
    /// Only where no word character (`\w`) touches it.
    var singleWord = false
    /// Takes the white space before it along.
    var lstrip = false
    /// Takes the white space after it along.
    var rstrip = false
    /// Looked for after normalization, and after the tokens that are not.
    var normalized: Bool
    /// Left out by `decode(skipSpecialTokens: true)`.
    var special: Bool

    /// A token with the flags that Hugging Face gives to a plain string.
    init(_ content: String, special: Bool) {
        self.content = content
        self.special = special
        normalized = !special
    }
}
