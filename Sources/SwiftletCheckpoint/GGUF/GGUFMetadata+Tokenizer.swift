import SwiftletBytes
import SwiftletGGUF

extension GGUFMetadata {
    /// Adds the tokenizer of a model's folder, or of its GGUF file.
    ///
    /// Without one, the file says so, as llama.cpp's files for tests do, and names the special tokens of the
    /// configuration.
    mutating func addTokenizer(_ path: String) throws(SwiftletError) {
        if GGUFModel.isFile(path) {
            for (key, field) in try GGUFFile(path: path).fields where key.hasPrefix("tokenizer.") {
                add(key, field)
            }
            return
        }
        // A vocabulary without merges is an error, not the lack of a tokenizer.
        guard
            CarriedFiles.hasTokenizer(path)
                || FileSystem.isFile(FileSystem.join(path, "vocab.json"))
        else { return addTokenIDs() }
        let tokenizer = try GGUFTokenizerFields(
            folder: path, rows: try configuration.dimension("vocabularySize"))
        for (key, field) in tokenizer.fields { add(key, field) }
        notes += tokenizer.notes
    }

    private mutating func addTokenIDs() {
        notes.append("the model has no tokenizer, so the file has none")
        add("tokenizer.ggml.model", .string("none"))
        for (role, name) in [("bos", "bos"), ("eos", "eos"), ("pad", "padding")] {
            let value = configuration.object["\(role)_token_id"]
            if let id = (value?.array?.first ?? value)?.nonNegativeInt32 {
                add("tokenizer.ggml.\(name)_token_id", .uint32(UInt32(id)))
            }
        }
    }
}
