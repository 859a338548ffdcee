import SwiftletBytes
import SwiftletGGUF

extension GGUFMetadata {
    /// Adds the tokenizer of a model's folder, or of its GGUF file.
    mutating func addTokenizer(_ path: String) throws(SwiftletError) {
        add("tokenizer.ggml.model", .string("none"))
    }
}
