/// A text as token ids, with the place of each in the text.
public struct Encoding: Sendable, Equatable {
    /// The ids.
    public var ids: [Int32]
    /// For each id its bytes in the UTF-8 of the original text.
    ///
    /// The tokens of a text partition its bytes, except for those that a split of the tokenizer's own
    /// removes; a token that is part of a character has exactly the bytes that it stands for. Tokens
    /// that the family adds (a BOS) are `0..<0`. The space of `add_prefix_space` has no bytes.
    public var offsets: [Range<Int>]

    /// An encoding of the given ids and offsets, of the same number.
    public init(ids: [Int32] = [], offsets: [Range<Int>] = []) {
        self.ids = ids
        self.offsets = offsets
    }
}
