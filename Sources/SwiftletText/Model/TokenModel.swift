import SwiftletBytes

/// A vocabulary with what turns text into its ids: the part of a tokenizer that differs from one kind
/// of model to another.
///
/// Added tokens, normalization and the ids around a text are the tokenizer's own; a model sees the
/// stretches of text between added tokens, one at a time.
protocol TokenModel: Sendable {
    /// The number of tokens; the first id that an added token may take.
    var tokenCount: Int { get }
    /// The highest id and one.
    var idCount: Int { get }

    /// The id of a token by its spelling in the vocabulary, in UTF-8.
    func id(of spelling: [UInt8]) -> Int32?
    /// A token's spelling in the vocabulary, in UTF-8; nil if there is no such id.
    func spelling(of id: Int) -> [UInt8]?
    /// Appends the bytes that a token stands for; false if there is no such id.
    func append(bytesOf id: Int, to bytes: inout [UInt8]) -> Bool
    /// Appends the bytes that an added token of this content stands for when it is decoded.
    func append(bytesOfAdded content: [UInt8], to bytes: inout [UInt8])

    /// Whether a token stands for a byte of its own, so that it takes others to make a character.
    func isByte(_ id: Int) -> Bool
    /// Whether decoding can leave a token out although it was not added.
    func isSpecial(_ id: Int) -> Bool
    /// The token that stands for what the vocabulary cannot say; nil if it can say all.
    var unknown: Int32? { get }
    /// How decoding makes text of the tokens' bytes.
    var joining: TokenJoining { get }

    /// What a user should know of how texts are encoded.
    var notes: [String] { get }

    /// The bytes of all tokens, the added ones among them: a requirement, so that each model has this
    /// loop over its vocabulary compiled for itself.
    func tokenBytes(_ added: AddedVocabulary) -> TokenBytes

    /// A new encoder for this model, with empty caches.
    func makeEncoder() -> any StretchEncoder
}

extension TokenModel {
    func isByte(_ id: Int) -> Bool { false }
    func isSpecial(_ id: Int) -> Bool { false }
    var unknown: Int32? { nil }
    var joining: TokenJoining { .bytes }
    var notes: [String] { [] }
    func tokenBytes(_ added: AddedVocabulary) -> TokenBytes { TokenBytes(self, added) }
}

/// Encodes stretches of text without added tokens for one call at a time, and keeps caches and
/// scratch memory for the next call.
protocol StretchEncoder: AnyObject {
    /// The ids made so far; the tokenizer adds those of added tokens.
    var out: IDBuffer { get }

    /// Appends the ids of a stretch, which is not empty.
    ///
    /// - Parameters:
    ///   - text: well-formed UTF-8.
    ///   - isFirst: whether the stretch is at the beginning of the text.
    /// - Throws: ``SwiftletError/Code/tokenizerPatternLimit``.
    func encode(_ text: UnsafeBufferPointer<UInt8>, isFirst: Bool) throws(SwiftletError)

    /// Appends the ids of a stretch, which is not empty, and for each id its bytes, counted from
    /// the stretch's beginning.
    func encode(
        _ text: UnsafeBufferPointer<UInt8>, isFirst: Bool, offsets: inout [Range<Int>]
    ) throws(SwiftletError)

    /// Forgets the ids, and gives back the memory of a huge text.
    func reset()
}
