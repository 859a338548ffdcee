import SwiftletBytes

/// Reads a `tokenizer.model` and the configuration beside it.
enum SentencePieceFolder {
    /// Reads a model and whatever else in its folder affects ids.
    ///
    /// A BPE model on its own, or in a folder that names no class, is read as LlamaTokenizer reads
    /// it; for other algorithms, texts are then encoded as SentencePiece itself does.
    ///
    /// - Parameters:
    ///   - path: The model.
    ///   - folder: Its folder; nil to ignore everything but the model.
    ///   - sentencePiece: The algorithms to support.
    /// - Returns: The parts of a tokenizer.
    /// - Throws: The errors of reading the model and the files beside it.
    static func parts(
        model path: String, folder: String?, _ sentencePiece: SentencePieceSupport
    ) throws(SwiftletError) -> TokenizerParts {
        let file = try SentencePieceFile.read(path: path)
        var config = TokenizerConfig()
        if let folder { config = try TokenizerConfig.read(folder: folder, unnamedIsGPT2: false) }
        if let family = config.family, !config.isLlama {
            throw SwiftletError(
                .tokenizerUnsupported, file: path, "tokenizer.model with \(family) is not supported"
            )
        }
        if config.family == nil, file.algorithm == .bpe { config.isLlama = true }
        if config.isLlama { config.addLlamaTokens(file.vocabulary) }
        // LlamaTokenizer splits the original text at special tokens, whatever `normalized` says.
        config.looksVerbatim()
        let model: SentencePieceModel
        do {
            model = try SentencePieceModel(file, sentencePiece, prefix: prefix(config))
        } catch {
            throw error.inFile(path)
        }
        var parts = TokenizerParts(model: model, template: TokenizerFile.Template())
        try parts.add(
            config, folder.map { FileSystem.join($0, "tokenizer_config.json") } ?? path)
        parts.setTemplate(config, addsBeginning: config.isLlama)
        return parts
    }

    /// Where LlamaTokenizer inserts a space; nil for wherever the model file says.
    private static func prefix(_ config: TokenizerConfig) -> SentencePieceNormalizer.Prefix? {
        guard config.isLlama, config.legacy == false else { return nil }
        return config.addsPrefixSpace == false ? .never : .first
    }
}
