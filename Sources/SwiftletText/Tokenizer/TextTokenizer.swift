import SwiftletBytes

/// A tokenizer that produces the ids of its reference implementation, and the bytes that each id
/// stands for.
///
/// ```swift
/// let tokenizer = try TextTokenizer(path: "gpt2")
/// let encoding = try tokenizer.encode("Hello world")
/// print(encoding.ids, encoding.offsets)       // [15496, 995] [0..<5, 5..<11]
/// print(try tokenizer.decode(encoding.ids))   // Hello world
/// ```
///
/// A tokenizer is immutable and can be used from several threads at once.
public final class TextTokenizer: Sendable {
    let model: any TokenModel
    let normalization: NormalizationStage
    let added: AddedVocabulary
    let template: TokenizerFile.Template
    let tokenBytes: TokenBytes
    let encoders: EncoderPool

    /// The token that ends a text, as named by the configuration (`eos_token`).
    public let endOfSequence: Int32?

    /// How special-token strings in a text are treated, unless a call says otherwise.
    public let specialTokens: SpecialTokens

    /// Loads a tokenizer from a folder in the Hub's layout, or from a single file.
    ///
    /// Of a folder, the first of these forms that it has is read:
    ///
    /// 1. `tokenizer.json`,
    /// 2. `tokenizer.model`, a SentencePiece model,
    /// 3. `vocab.json` with `merges.txt`,
    /// 4. `qwen.tiktoken`;
    ///
    /// and beside it `tokenizer_config.json`, `special_tokens_map.json`, `added_tokens.json` and,
    /// for the model's type, `config.json`, as transformers reads them. A single file is a
    /// `tokenizer.json`, a SentencePiece model or a GGUF model. Whichever of these a file is, here and
    /// in a folder, its bytes show; a name that says otherwise is noted.
    ///
    /// - Parameters:
    ///   - path: The folder or file.
    ///   - sentencePiece: The algorithms of SentencePiece to support: BPE alone by default, and all
    ///     of them where `SwiftletSentencePiece` is imported.
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/noSuchFile`` if there is nothing at `path`;
    ///   ``SwiftletBytes/SwiftletError/Code/tokenizerMissing`` for a folder without tokenizer
    ///   files; ``SwiftletBytes/SwiftletError/Code/tokenizerUnsupported`` naming a feature that
    ///   would change the ids; ``SwiftletBytes/SwiftletError/Code/tokenizerTruncated`` for a file of
    ///   fewer than four bytes; for malformed files the other codes of this module, and those of
    ///   JSON.
    public init(
        path: String, sentencePiece: SentencePieceSupport = .builtIn
    ) throws(SwiftletError) {
        let parts = try TokenizerFolder.read(path, sentencePiece)
        model = parts.model
        normalization = parts.normalization
        notes = parts.model.notes + parts.notes + parts.addedNotes.asFewNotes
        specialTokens = parts.specialTokens
        added = parts.added
        template = parts.template
        endOfSequence = parts.endOfSequence
        tokenBytes = parts.model.tokenBytes(parts.added)
        encoders = EncoderPool(parts.model)
    }

    /// The token that the family puts before every text; nil if there is no such token.
    public var beginningOfSequence: Int32? { template.before.first }

    /// The tokens that the family puts before every text; may be empty.
    public var openingTokens: [Int32] { template.before }

    /// Whether a space is put before every text, even one that begins with a space: SentencePiece's
    /// dummy prefix.
    ///
    /// A text that follows another one after a space is encoded apart without that space then.
    public var insertsSpace: Bool { model.insertsSpace }

    /// What a user should know about this tokenizer, such as patterns that are slow to match.
    public let notes: [String]

    /// The highest id plus one, which is the number of rows that an embedding needs.
    public var vocabularyCount: Int { tokenBytes.count }

    /// A token's spelling in the vocabulary (`Ġthe`); nil if there is no such id.
    public func token(of id: Int32) -> String? {
        if let token = added.token(of: id) { return token.content }
        return model.spelling(of: Int(id)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The id of the token with the given spelling in the vocabulary.
    public func id(of token: String) -> Int32? {
        added.id(of: token) ?? model.id(of: Array(token.utf8))
    }

    /// The bytes that a token stands for; nil if there is no such id.
    ///
    /// They are those that it has in the middle of a text, if decoding depends on the place.
    public func bytes(of id: Int32) -> [UInt8]? {
        guard let bytes = tokenBytes[id].map({ Array($0) }) else { return nil }
        guard case .decoder(let decoder) = model.joining else { return bytes }
        return decoder.bytes(of: bytes)
    }

    /// Whether a token is special, so that `decode(_:skipSpecialTokens: true)` leaves it out.
    public func isSpecial(_ id: Int32) -> Bool { tokenBytes.isSpecial(id) }
}
