import SwiftletBytes

/// Decodes ids as they come, and never hands out half a character.
///
/// The pieces joined are what ``TextTokenizer/decode(_:skipSpecialTokens:)`` gives for all ids at
/// once. Bytes that may still become a character wait for the next id, or for ``finish()``.
public struct StreamingDecoder: Sendable {
    private let tokenizer: TextTokenizer
    private let skipsSpecialTokens: Bool
    private var joined: JoinedTokens

    /// A decoder that has seen no id.
    ///
    /// - Parameters:
    ///   - tokenizer: whose ids come.
    ///   - skipSpecialTokens: whether special tokens are left out.
    public init(_ tokenizer: TextTokenizer, skipSpecialTokens: Bool = false) {
        self.tokenizer = tokenizer
        skipsSpecialTokens = skipSpecialTokens
        joined = JoinedTokens(tokenizer.model.joining)
    }

    /// Takes the next id and returns the text that is now certain, which may be empty.
    ///
    /// - Throws: ``SwiftletError/Code/tokenIDUnknown``; the decoder is then as it was.
    public mutating func push(_ id: Int32) throws(SwiftletError) -> String {
        try tokenizer.tokenBytes.decode(
            id, skipSpecialTokens: skipsSpecialTokens, into: &joined)
        return joined.takeCertain()
    }

    /// Ends the text: what is left of a character that never came to its end, as U+FFFD.
    public mutating func finish() -> String {
        joined.finish()
        return joined.takeAll()
    }
}
