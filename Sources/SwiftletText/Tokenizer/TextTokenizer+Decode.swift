import SwiftletBytes

extension TextTokenizer {
    /// Decodes ids: their bytes are joined and read as UTF-8, or their spellings go through the
    /// steps of the decoder that a `tokenizer.json` has.
    ///
    /// - Parameters:
    ///   - ids: The ids.
    ///   - skipSpecialTokens: Whether special tokens are left out of the text.
    /// - Returns: The text, with U+FFFD for what is not UTF-8.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenIDUnknown`` naming the id;
    ///   ``SwiftletBytes/SwiftletError/Code/tokenizerPatternLimit`` if the decoder has a pattern
    ///   that backtracks too much on these tokens.
    public func decode(_ ids: [Int32], skipSpecialTokens: Bool = false) throws(SwiftletError)
        -> String
    {
        var joined = JoinedTokens(model.joining)
        for id in ids {
            try tokenBytes.decode(id, skipSpecialTokens: skipSpecialTokens, into: &joined)
        }
        try joined.finish()
        return joined.takeAll()
    }
}

extension StreamingDecoder {
    /// Creates a decoder at the beginning of a text.
    ///
    /// - Parameters:
    ///   - tokenizer: The tokenizer that made the ids.
    ///   - skipSpecialTokens: Whether special tokens are left out of the text.
    public init(_ tokenizer: TextTokenizer, skipSpecialTokens: Bool = false) {
        self.init(
            tokenizer.tokenBytes, tokenizer.model.joining, skipSpecialTokens: skipSpecialTokens)
    }
}
