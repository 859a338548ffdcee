import SwiftletBytes

/// The parts of a tokenizer, as read from the files of a folder.
struct TokenizerParts {
    var model: any TokenModel
    var normalization = NormalizationStage.none
    var added = AddedVocabulary()
    var template: TokenizerFile.Template
    var endOfSequence: Int32?
    var specialTokens = SpecialTokens.parse
    /// What a user should know about the files.
    var notes: [String] = []
    /// What a user should know about added tokens.
    var addedNotes: [String] = []
}

/// Reads the tokenizer of a folder in the Hub's layout.
enum TokenizerFolder {
    /// Tokenizer files that are known but not supported.
    private static let foreign = [
        "tiktoken.model", "tekken.json", "spiece.model", "sentencepiece.bpe.model", "vocab.txt",
    ]

    /// Reads the first of these files that a folder has: `tokenizer.json`; `tokenizer.model`;
    /// `vocab.json` with `merges.txt`; `qwen.tiktoken`.
    ///
    /// The form of each but the third, and of a path that is a file, is judged by its bytes.
    static func read(
        _ folder: String, _ sentencePiece: SentencePieceSupport
    ) throws(SwiftletError) -> TokenizerParts {
        switch FileSystem.entry(folder) {
        case .folder: break
        case .file: return try parts(file: folder, folder: nil, sentencePiece)
        case .other, nil: throw SwiftletError(.noSuchFile, file: folder, "no such file or folder")
        }
        for name in ["tokenizer.json", "tokenizer.model"] {
            let file = FileSystem.join(folder, name)
            if FileSystem.isFile(file) {
                return try parts(file: file, folder: folder, sentencePiece)
            }
        }
        let vocab = FileSystem.join(folder, "vocab.json")
        let merges = FileSystem.join(folder, "merges.txt")
        switch (FileSystem.isFile(vocab), FileSystem.isFile(merges)) {
        case (true, true): return try parts(vocab: vocab, merges: merges, folder)
        case (true, false):
            throw SwiftletError(
                .tokenizerIncomplete, file: folder, "vocab.json without merges.txt")
        case (false, true):
            throw SwiftletError(
                .tokenizerIncomplete, file: folder, "merges.txt without vocab.json")
        case (false, false): break
        }
        let ranks = FileSystem.join(folder, "qwen.tiktoken")
        guard FileSystem.isFile(ranks) else { throw try nothing(folder) }
        return try parts(file: ranks, folder: folder, sentencePiece)
    }

    /// Reads a file by the form of its bytes.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - folder: Its folder; nil to ignore everything but the file.
    ///   - sentencePiece: The algorithms of SentencePiece to support.
    /// - Returns: The parts, with a note if the name stands for another form.
    /// - Throws: The errors of reading the file and those beside it.
    private static func parts(
        file: String, folder: String?, _ sentencePiece: SentencePieceSupport
    ) throws(SwiftletError) -> TokenizerParts {
        let form = try TokenizerForm(of: try MappedFile(path: file).bytes, file: file)
        let name = FileSystem.name(file)
        let named = TokenizerForm(name: name)
        var parts: TokenizerParts
        switch form {
        case .gguf: parts = try TokenizerGGUF.parts(file)
        case .sentencePiece:
            parts = try SentencePieceFolder.parts(model: file, folder: folder, sentencePiece)
        case .json:
            var config = TokenizerConfig()
            if let folder { config = try .read(folder: folder, unnamedIsGPT2: false) }
            parts = try self.parts(try TokenizerFile.read(path: file, config), config, file)
        case .ranks:
            guard let folder, named == .ranks else { throw ranksAlone(file) }
            parts = try self.parts(ranks: file, folder)
        }
        if let named, named != form {
            parts.notes.append("\(name) is \(form.what) by its bytes")
        }
        return parts
    }

    private static func ranksAlone(_ file: String) -> SwiftletError {
        SwiftletError(
            .tokenizerUnsupported, file: file,
            "is a list of tiktoken's ranks, which says neither how text is split nor which special "
                + "tokens there are",
            hint: TokenizerForm(name: FileSystem.name(file)) == .ranks
                ? "give the folder of a qwen.tiktoken"
                : "take the model's tokenizer.json: repositories for transformers have one")
    }

    private static func nothing(_ folder: String) throws(SwiftletError) -> SwiftletError {
        for name in foreign where FileSystem.isFile(FileSystem.join(folder, name)) {
            return SwiftletError(
                .tokenizerUnsupported, file: FileSystem.join(folder, name),
                "this form of tokenizer is not supported")
        }
        let whole = try FileSystem.names(in: folder).filter { $0.hasSuffix(".gguf") }.sorted()
        return SwiftletError(
            .tokenizerMissing, file: folder,
            "no tokenizer.json, tokenizer.model, vocab.json with merges.txt, or "
                + "qwen.tiktoken",
            hint: whole.first.map {
                "give the path of \($0)" + (whole.count > 1 ? " or another .gguf file" : "")
            })
    }

    // MARK: Forms

    static func parts(
        _ file: TokenizerFile, _ config: TokenizerConfig, _ path: String
    ) throws(SwiftletError) -> TokenizerParts {
        var parts = TokenizerParts(
            model: file.model, normalization: file.normalization, template: file.template)
        try parts.add(file.addedTokens, path)
        try parts.add(config, path)
        // This class replaces the file's template by its own.
        if config.byteLevelClass == .gptNeoX { parts.setTemplate(config, addsBeginning: false) }
        // LlamaTokenizer follows the configuration if that has these keys, whatever the file says.
        if config.isLlama { parts.changeTemplate(config) }
        for id in file.template.before + file.template.after where !parts.hasToken(id) {
            throw SwiftletError(
                .tokenizerKey, file: path, "the id \(id) is not in the vocabulary",
                at: "key \"post_processor\"")
        }
        return parts
    }

    private static func parts(
        vocab: String, merges: String, _ folder: String
    ) throws(SwiftletError) -> TokenizerParts {
        let config = try TokenizerConfig.read(folder: folder, unnamedIsGPT2: true)
        guard let kind = config.byteLevelClass else {
            throw SwiftletError(
                .tokenizerUnsupported, file: folder,
                "vocab.json and merges.txt with \(config.family ?? "this class") are not supported")
        }
        let addsPrefixSpace = config.addsPrefixSpace ?? false
        guard kind.preTokenizer == .gpt2 || !addsPrefixSpace else {
            throw SwiftletError(
                .tokenizerUnsupported, file: folder,
                "a space inserted before every word is not supported",
                at: "key \"add_prefix_space\"")
        }
        let model: any TokenModel
        do throws(SwiftletError) {
            model = ByteLevelModel(
                try VocabMerges.read(vocab: vocab, merges: merges), kind.preTokenizer,
                addsPrefixSpace: addsPrefixSpace)
        } catch {
            // Tokens that share an id.
            guard error.code == .tokenizerUnsupported else { throw error }
            model = try GeneralTokenModel(
                vocab: vocab, merges: merges, kind, addsPrefixSpace: addsPrefixSpace)
        }
        var parts = TokenizerParts(
            model: model, normalization: kind.normalization, template: TokenizerFile.Template())
        try parts.add(config, FileSystem.join(folder, "tokenizer_config.json"))
        parts.setTemplate(config, addsBeginning: false)
        return parts
    }
}

extension TokenizerFolder {
    /// Reads Qwen's first form: ranks in a file, and special tokens that only the reference's code
    /// has.
    private static func parts(
        ranks: String, _ folder: String
    ) throws(SwiftletError) -> TokenizerParts {
        let config = try TokenizerConfig.read(folder: folder, unnamedIsGPT2: false)
        let pairs = try TiktokenRanks.read(path: ranks)
        var parts = TokenizerParts(
            model: ByteLevelModel(pairs, .qwen, addsPrefixSpace: false),
            normalization: .wholeText, template: TokenizerFile.Template())
        let extras = (0..<205).map { "<|extra_\($0)|>" }
        let specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"] + extras
        try parts.add(
            specials.enumerated().map {
                (pairs.vocabulary.count + $0, AddedToken($1, special: true))
            }, ranks)
        try parts.add(config, FileSystem.join(folder, "tokenizer_config.json"))
        if parts.endOfSequence == nil {
            parts.endOfSequence = parts.added.id(of: "<|endoftext|>")
        }
        return parts
    }
}

extension TokenizerParts {
    /// Sets BOS and EOS around texts as the configuration says.
    ///
    /// - Parameters:
    ///   - config: The configuration.
    ///   - addsBeginning: Whether the class adds BOS if the configuration does not say.
    mutating func setTemplate(_ config: TokenizerConfig, addsBeginning: Bool) {
        let adds = (config.addsBeginning ?? addsBeginning, config.addsEnd ?? false)
        template.before = adds.0 ? id(config, "bos_token").map { [$0] } ?? [] : []
        template.after = adds.1 ? id(config, "eos_token").map { [$0] } ?? [] : []
    }

    /// Adds or removes BOS and EOS around texts where the configuration mentions them.
    fileprivate mutating func changeTemplate(_ config: TokenizerConfig) {
        if let adds = config.addsBeginning {
            template.before = adds ? id(config, "bos_token").map { [$0] } ?? template.before : []
        }
        if let adds = config.addsEnd {
            template.after = adds ? id(config, "eos_token").map { [$0] } ?? template.after : []
        }
    }

    fileprivate func id(_ config: TokenizerConfig, _ role: String) -> Int32? {
        config.content(role).flatMap { id(of: $0) }
    }

    private func id(of content: String) -> Int32? {
        added.id(of: content) ?? model.id(of: Array(content.utf8))
    }

    fileprivate func hasToken(_ id: Int32) -> Bool {
        added.token(of: id) != nil || model.spelling(of: Int(id)) != nil
    }

    /// Adds tokens that a file lists with their ids.
    ///
    /// They get the ids that adding assigns, and where these are others it is noted.
    fileprivate mutating func add(
        _ tokens: [(id: Int, token: AddedToken)], _ file: String
    ) throws(SwiftletError) {
        for (id, token) in tokens {
            do {
                try added.add(token, to: model)
            } catch {
                throw error.inFile(file)
            }
            guard let given = added.id(of: token.content), Int(given) != id else { continue }
            let isKnown = model.id(of: Array(token.content.utf8)) == given
            addedNotes.append(
                "the added token \"\(token.content)\" has id \(id) in \(file), but \(given) "
                    + (isKnown
                        ? "in the vocabulary, which wins"
                        : "is next in order, which is what Hugging Face's tokenizers gives it"))
        }
    }

    /// Adds the configuration's tokens: those with ids, then special ones that are still missing.
    mutating func add(
        _ config: TokenizerConfig, _ file: String
    ) throws(SwiftletError) {
        try add(config.listed, file)
        for token in config.named.map(\.token) + config.extra
        where added.id(of: token.content) == nil {
            do {
                try added.add(token, to: model)
            } catch {
                throw error.inFile(file)
            }
        }
        let general = (model as? GeneralTokenModel)?.normalizer
        let normalizes = general != nil || normalization == .betweenTokens
        do throws(SwiftletError) {
            try added.prepare(
                !normalizes
                    ? nil
                    : { (content) throws(SwiftletError) in
                        try general?.normalize(content)
                            ?? content.withUnsafeBufferPointer {
                                NFC.normalize($0, .reference)?.bytes
                            }
                            ?? content
                    })
        } catch {
            throw error.inFile(file)
        }
        endOfSequence = id(config, "eos_token")
        if config.splitsSpecialTokens { specialTokens = .text }
    }
}
