import SwiftletBytes
import SwiftletGGUF

/// Reads the tokenizer of a GGUF file, by way of the `tokenizer.json` that says the same.
enum TokenizerGGUF {
    /// Reads a file.
    ///
    /// - Parameter path: The file.
    /// - Returns: The parts of its tokenizer.
    /// - Throws: The errors of the file and of its tokenizer, which name keys of the file.
    static func parts(_ path: String) throws(SwiftletError) -> TokenizerParts {
        let file = try GGUFFile(path: path)
        guard GGUFTokenizer.isPresent(in: file) else {
            throw SwiftletError(
                .tokenizerMissing, file: path, "the file has no tokenizer",
                at: "key \"tokenizer.ggml.model\"")
        }
        let tokenizer = try GGUFTokenizer(file)
        do {
            let config = try TokenizerConfig.read(
                ByteView(tokenizer.configuration), file: path)
            let content = try TokenizerFile.read(ByteView(tokenizer.json), file: path, config)
            return try TokenizerFolder.parts(content, config, path)
        } catch {
            throw translated(error)
        }
    }

    /// The same error, naming the key of the GGUF file instead of that of the `tokenizer.json`.
    private static func translated(_ error: SwiftletError) -> SwiftletError {
        let place = error.place ?? ""
        let key =
            switch true {
            case place.contains("model.merges"), error.code == .tokenizerMerge: "merges"
            case place.contains("pre_tokenizer"), place.contains("normalizer"): "pre"
            default: "tokens"
            }
        let index = place.split(separator: " ").last.flatMap { Int($0) }
        let element = error.code == .tokenizerMerge ? index.map { ", element \($0)" } ?? "" : ""
        return SwiftletError(
            error.code, file: error.file, error.reason,
            at: "key \"tokenizer.ggml.\(key)\"\(element)", hint: error.hint)
    }
}
