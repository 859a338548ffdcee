import SwiftletBytes

/// The tokenizer of a folder in the Hub's layout, as the metadata of a GGUF file: the way back from
/// ``GGUFTokenizer``.
public struct GGUFTokenizerFields: Sendable {
    /// The metadata, in the order in which llama.cpp's converter writes them.
    public let fields: [(key: String, field: GGUFField)]
    /// What GGUF cannot say about this tokenizer though ids may depend on it, for the user.
    public let notes: [String]

    /// Translates the tokenizer of a folder.
    ///
    /// - Parameters:
    ///   - folder: A folder with `tokenizer.json`, or with `vocab.json` and `merges.txt` of GPT-2, OPT or
    ///     Qwen.
    ///   - rows: The number of rows of the model's embedding, to which the vocabulary is filled up; nil
    ///     for the number of tokens.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/ggufTokenizerUnsupported`` for a tokenizer that
    ///   GGUF has no words for, ``SwiftletBytes/SwiftletError/Code/ggufTokenizer`` for one that
    ///   contradicts itself, and the errors of reading files.
    public init(folder: String, rows: Int? = nil) throws(SwiftletError) {
        let config = try TokenizerSettings(folder: folder)
        let json = FileSystem.join(folder, "tokenizer.json")
        let stored =
            FileSystem.isFile(json)
            ? try StoredTokenizer(json: try MappedFile(path: json).bytes, file: json)
            : try StoredTokenizer(vocabularyIn: folder, config)
        try self.init(stored, config, rows: rows)
    }

    /// Translates the tokenizer that two files describe.
    ///
    /// - Parameters:
    ///   - json: The bytes of `tokenizer.json`.
    ///   - configuration: The bytes of `tokenizer_config.json`; nil if there is none.
    ///   - rows: The number of rows of the model's embedding, to which the vocabulary is filled up; nil
    ///     for the number of tokens.
    ///   - file: The file to name in errors.
    /// - Throws: As the other initializer.
    public init(
        json: ByteView, configuration: ByteView?, rows: Int? = nil, file: String = "tokenizer.json"
    ) throws(SwiftletError) {
        try self.init(
            StoredTokenizer(json: json, file: file),
            TokenizerSettings(configuration, file: file), rows: rows)
    }

    private init(
        _ stored: StoredTokenizer, _ config: TokenizerSettings, rows: Int?
    ) throws(SwiftletError) {
        let count = stored.count
        if let rows, rows < count {
            throw stored.failure(
                "model.vocab", "\(count) tokens for \(rows) rows of the embedding")
        }
        var writer = TokenizerFieldsWriter(stored, config, count: rows ?? count)
        try writer.write()
        fields = writer.fields
        notes = writer.notes
    }
}
