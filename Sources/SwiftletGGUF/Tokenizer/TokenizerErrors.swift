import SwiftletBytes

extension SwiftletError.Code {
    /// A value under `tokenizer.ggml.` is missing, of the wrong kind, or contradicts another one.
    public static let ggufTokenizer = Self("gguf.tokenizer", .badData)
    /// The tokenizer of a file, or the one to be stored in a file, is of a kind that is not supported.
    public static let ggufTokenizerUnsupported = Self("gguf.tokenizerUnsupported", .unsupported)
}
