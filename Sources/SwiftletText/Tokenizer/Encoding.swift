/// The token ids of a text, and the place of each in the text.
public struct Encoding: Sendable, Equatable {
    /// The ids.
    public var ids: [Int32]
    /// For each id its range of bytes in the UTF-8 of the original text.
    ///
    /// The tokens of a text partition its bytes, except for bytes that one of the tokenizer's
    /// splits removes. A token that is part of a character covers exactly the bytes it stands for.
    /// Tokens that the family adds, such as a BOS, are `0..<0`, and the space of `add_prefix_space`
    /// has no bytes.
    public var offsets: [Range<Int>]

    /// Creates an encoding of the given ids and as many offsets.
    public init(ids: [Int32] = [], offsets: [Range<Int>] = []) {
        self.ids = ids
        self.offsets = offsets
    }
}
