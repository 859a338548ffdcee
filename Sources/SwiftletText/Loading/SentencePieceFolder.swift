import SwiftletBytes

/// A `tokenizer.model` with the configuration beside it.
enum SentencePieceFolder {
    /// Reads a model and, from its folder, what else says something about ids.
    ///
    /// A model alone, or in a folder that names no class, is read as LlamaTokenizer reads one if it
    /// is a BPE; one of another algorithm is encoded as SentencePiece itself does.
    ///
    /// - Parameters:
    ///   - path: the model.
    ///   - folder: where it lies; nil: only the model counts.
    static func parts(model path: String, folder: String?) throws(SwiftletError) -> TokenizerParts {
        let file = try SentencePieceFile.read(path: path)
        var config = TokenizerConfig()
        if let folder { config = try TokenizerConfig.read(folder: folder, unnamedIsGPT2: false) }
        if let family = config.family, !config.isLlama {
            throw SwiftletError(
                .tokenizerUnsupported, file: path, "tokenizer.model of \(family) is not supported")
        }
        if config.family == nil, file.algorithm == .bpe { config.isLlama = true }
        if config.isLlama { config.addLlamaTokens(file.vocabulary) }
        // LlamaTokenizer splits a text at special tokens as it is; `normalized` changes nothing.
        config.looksVerbatim()
        let model: SentencePieceModel
        do {
            model = try SentencePieceModel(file, prefix: prefix(config))
        } catch {
            throw error.inFile(path)
        }
        var parts = TokenizerParts(model: model, template: TokenizerFile.Template())
        try parts.add(
            config, folder.map { FileSystem.join($0, "tokenizer_config.json") } ?? path)
        parts.setTemplate(config, addsBeginning: config.isLlama)
        return parts
    }

    /// Where LlamaTokenizer puts a space in front.
    private static func prefix(_ config: TokenizerConfig) -> SentencePieceNormalizer.Prefix? {
        guard config.isLlama, config.legacy == false else { return nil }
        return config.addsPrefixSpace == false ? .never : .first
    }
}
