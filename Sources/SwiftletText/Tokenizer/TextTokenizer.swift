import SwiftletBytes

/// A tokenizer that gives the ids of its reference, with the bytes that each id stands for.
///
/// ```swift
/// let tokenizer = try TextTokenizer(path: "gpt2")
/// let encoding = try tokenizer.encode("Hello world")
/// print(encoding.ids, encoding.offsets)       // [15496, 995] [0..<5, 5..<11]
/// print(try tokenizer.decode(encoding.ids))   // Hello world
/// ```
///
/// A tokenizer never changes and can be used from many threads at once.
public final class TextTokenizer: Sendable {
    let model: any TokenModel
    let normalization: Normalization
    let added: AddedVocabulary
    let template: TokenizerFile.Template
    let tokenBytes: TokenBytes
    let encoders: EncoderPool

    /// The token that ends a text, as the configuration names it (`eos_token`).
    public let endOfSequence: Int32?

    /// What special tokens are that stand in a text, unless a call says otherwise.
    public let specialTokens: SpecialTokens

    /// Loads the tokenizer of a folder in the Hub's layout, or a single `tokenizer.json`.
    ///
    /// `tokenizer.json` counts if it is there, else `vocab.json` with `merges.txt`; beside them
    /// `tokenizer_config.json`, `special_tokens_map.json`, `added_tokens.json` and, for the model's
    /// type, `config.json`, as transformers reads them.
    ///
    /// - Throws: ``SwiftletError/Code/noSuchFile`` when nothing is there;
    ///   ``SwiftletError/Code/tokenizerMissing`` for a folder without tokenizer files;
    ///   ``SwiftletError/Code/tokenizerUnsupported`` naming what would change the ids; the other
    ///   codes of this module, and those of JSON, for malformed files.
    public init(path: String) throws(SwiftletError) {
        let parts = try TokenizerFolder.read(path)
        model = parts.model
        normalization = parts.normalization
        specialTokens = parts.specialTokens
        added = parts.added
        template = parts.template
        endOfSequence = parts.endOfSequence
        tokenBytes = parts.model.tokenBytes(parts.added)
        encoders = EncoderPool(parts.model)
    }

    /// The token that the family puts before every text; nil if it adds none.
    public var beginningOfSequence: Int32? { template.before.first }

    /// The tokens that the family puts before every text; may be empty.
    public var openingTokens: [Int32] { template.before }

    /// What a user should know of this tokenizer: which of its patterns go to the general engine.
    public var notes: [String] { model.notes }

    /// The highest id and one: how many rows an embedding needs.
    public var vocabularyCount: Int { tokenBytes.count }

    /// A token's spelling in the vocabulary (`Ġthe`); nil if there is no such id.
    public func token(of id: Int32) -> String? {
        if let token = added.token(of: id) { return token.content }
        return model.spelling(of: Int(id)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The id of a token by its spelling in the vocabulary.
    public func id(of token: String) -> Int32? {
        added.id(of: token) ?? model.id(of: Array(token.utf8))
    }

    /// The bytes that a token stands for; nil if there is no such id.
    public func bytes(of id: Int32) -> [UInt8]? { tokenBytes[id].map { Array($0) } }

    /// Whether a token is special: left out by `decode(_:skipSpecialTokens: true)`.
    public func isSpecial(_ id: Int32) -> Bool { tokenBytes.isSpecial(id) }

    /// The text of some ids: their bytes joined, then read as UTF-8, with U+FFFD for what is none.
    ///
    /// - Throws: ``SwiftletError/Code/tokenIDUnknown`` naming the id.
    public func decode(_ ids: [Int32], skipSpecialTokens: Bool = false) throws(SwiftletError)
        -> String
    {
        var joined = JoinedTokens(model.joining)
        for id in ids {
            try tokenBytes.decode(id, skipSpecialTokens: skipSpecialTokens, into: &joined)
        }
        joined.finish()
        return joined.takeAll()
    }
}
