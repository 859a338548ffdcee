import SwiftletBytes

/// Decodes ids one at a time, and never returns part of a character.
///
/// The concatenation of all pieces is what ``TextTokenizer/decode(_:skipSpecialTokens:)`` returns
/// for all ids at once. Bytes that may still become a character are held back until the next id, or
/// until ``finish()``.
///
/// ```swift
/// var decoder = StreamingDecoder(tokenizer)
/// for id in ids { print(try decoder.push(id), terminator: "") }
/// print(decoder.finish())
/// ```
public struct StreamingDecoder: Sendable {
    private let tokens: TokenBytes
    private let skipsSpecialTokens: Bool
    private var joined: JoinedTokens

    init(_ tokens: TokenBytes, _ joining: TokenJoining, skipSpecialTokens: Bool) {
        self.tokens = tokens
        skipsSpecialTokens = skipSpecialTokens
        joined = JoinedTokens(joining)
    }

    /// Decodes the next id and returns the text that is now certain, which may be empty.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenIDUnknown``, and the decoder is then
    ///   unchanged; ``SwiftletBytes/SwiftletError/Code/tokenizerPatternLimit`` if the tokenizer's
    ///   decoder has a pattern that backtracks too much.
    public mutating func push(_ id: Int32) throws(SwiftletError) -> String {
        try tokens.decode(id, skipSpecialTokens: skipsSpecialTokens, into: &joined)
        return joined.takeCertain()
    }

    /// Ends the text and returns the rest of it; an incomplete character becomes U+FFFD.
    ///
    /// A rest on which a pattern of the tokenizer's decoder backtracks too much is left out.
    public mutating func finish() -> String {
        try? joined.finish()
        return joined.takeAll()
    }
}
