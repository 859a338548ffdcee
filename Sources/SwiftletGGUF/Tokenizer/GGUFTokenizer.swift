import SwiftletBytes

/// The tokenizer of a GGUF file, as the two files that a folder in the Hub's layout has.
///
/// The metadata under `tokenizer.ggml.` are translated into Hugging Face's form, so that the same reader
/// serves files of both kinds, and so that a folder that is made of a file needs nothing else.
///
/// `formats/tokenizers.md` has the rules.
public struct GGUFTokenizer: Sendable {
    /// The bytes of `tokenizer.json`.
    public let json: [UInt8]
    /// The bytes of `tokenizer_config.json`: special tokens, chat templates.
    public let configuration: [UInt8]

    /// Whether a file has a tokenizer.
    public static func isPresent(in file: GGUFFile) -> Bool {
        switch file.value("tokenizer.ggml.model") {
        case nil: false
        // llama.cpp's words for a model without a vocabulary.
        case let value?: value.text != "none" && value.text != "no_vocab"
        }
    }

    /// Translates the tokenizer of a file.
    ///
    /// - Parameter file: The file.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/ggufTokenizer`` if a value is missing or contradicts
    ///   another one, and ``SwiftletBytes/SwiftletError/Code/ggufTokenizerUnsupported`` for a kind of
    ///   tokenizer or a pre-tokenizer that is not supported. The error names the key.
    public init(_ file: GGUFFile) throws(SwiftletError) {
        let metadata = try TokenizerMetadata(file)
        let tokens = try TokenList(metadata, file)
        json = try TokenizerJSON(metadata, tokens, TokenizerValues(file)).bytes()
        configuration = Array(
            TokenizerConfiguration(metadata, tokens, file).value.text(pretty: true).utf8)
    }
}
