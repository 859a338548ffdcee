import SwiftletBytes

/// What the files beside a tokenizer say: special tokens by role, BOS and EOS, chat templates.
struct TokenizerSettings {
    /// The class, such as `GPT2Tokenizer`.
    private(set) var tokenizerClass: String?
    /// The contents of special tokens by their key (`bos_token`).
    private(set) var specialTokens: [String: String] = [:]
    /// Whether BOS and EOS are added.
    private(set) var addsBeginning: Bool?
    private(set) var addsEnd: Bool?
    /// Whether the class prefers these two to the template of `tokenizer.json`.
    private(set) var overridesTemplate = false
    private(set) var addsPrefixSpace = false
    /// Templates with their names; nil for the only one.
    private(set) var templates: [(name: String?, text: String)] = []
    /// Tokens with the ids that the configuration lists for them.
    private(set) var added: [StoredTokenizer.Added] = []

    private static let overridingClasses = ["Llama", "GPTNeoX"]

    /// Reads the files of a folder.
    init(folder: String) throws(SwiftletError) {
        func bytes(_ name: String) throws(SwiftletError) -> ByteView? {
            let path = FileSystem.join(folder, name)
            return FileSystem.isFile(path) ? try MappedFile(path: path).bytes : nil
        }
        let file = FileSystem.join(folder, "tokenizer_config.json")
        try self.init(try bytes("tokenizer_config.json"), file: file)
        if added.isEmpty, let map = try bytes("special_tokens_map.json") {
            let file = FileSystem.join(folder, "special_tokens_map.json")
            try readSpecialTokens(
                JSONFields(
                    JSONValue.parse(map, file: file), file: file, code: .ggufTokenizer))
        }
        if let template = try bytes("chat_template.jinja") {
            templates = [(nil, try UTF8Check.text(template, file: file))]
        }
    }

    /// Reads a `tokenizer_config.json`; nil for none.
    init(_ bytes: ByteView?, file: String) throws(SwiftletError) {
        guard let bytes else { return }
        let fields = try JSONFields(
            JSONValue.parse(bytes, file: file), file: file, code: .ggufTokenizer)
        tokenizerClass = try fields.string("tokenizer_class")
        addsPrefixSpace = try fields.bool("add_prefix_space", default: false)
        addsBeginning = try fields.bool("add_bos_token")
        addsEnd = try fields.bool("add_eos_token")
        overridesTemplate = Self.overridingClasses.contains {
            tokenizerClass?.hasPrefix($0) ?? false
        }
        try readSpecialTokens(fields)
        if let decoder = try fields.fields("added_tokens_decoder") {
            for (key, _) in decoder.object.pairs {
                guard let id = Int(key), id >= 0, let token = try decoder.fields(key),
                    let content = try token.string("content")
                else { throw decoder.failure(key, "expected a token under its id") }
                added.append(
                    StoredTokenizer.Added(
                        id: id, content: content,
                        isSpecial: try token.bool("special", default: false),
                        hasConditions: false))
            }
        }
        if let text = fields["chat_template"]?.string {
            templates = [(nil, text)]
        } else if fields["chat_template"] != nil {
            for item in try fields.list("chat_template") ?? [] {
                guard let text = try item.string("template") else { continue }
                templates.append((try item.string("name"), text))
            }
        }
    }

    private mutating func readSpecialTokens(_ fields: JSONFields) throws(SwiftletError) {
        for (key, _) in TokenizerConfiguration.roles {
            guard let value = fields[key] else { continue }
            guard let content = value.string ?? value.object?["content"]?.string else {
                throw fields.failure(key, "expected a token: a string or an object")
            }
            specialTokens[key] = content
        }
    }
}

extension StoredTokenizer {
    /// Reads `vocab.json` and `merges.txt`, whose class says the rest.
    ///
    /// - Parameters:
    ///   - folder: The folder.
    ///   - config: The files beside them.
    /// - Throws: An error for other classes and other files.
    init(vocabularyIn folder: String, _ config: TokenizerSettings) throws(SwiftletError) {
        let vocab = FileSystem.join(folder, "vocab.json")
        let merges = FileSystem.join(folder, "merges.txt")
        file = vocab
        guard FileSystem.isFile(vocab), FileSystem.isFile(merges) else {
            throw SwiftletError(
                .ggufTokenizerUnsupported, file: folder,
                "a GGUF file can be made of tokenizer.json, or of vocab.json with merges.txt")
        }
        let name = config.tokenizerClass ?? "GPT2Tokenizer"
        switch name.hasSuffix("Fast") ? String(name.dropLast(4)) : name {
        case "GPT2Tokenizer": stages.splitting = TextSplitting.named("gpt-2")
        case "GPTNeoXTokenizer": stages.splitting = TextSplitting.named("mpt")
        case "Qwen2Tokenizer": stages.splitting = TextSplitting.named("qwen2")
        default: throw unsupported("tokenizer_class", "vocab.json with \(name)")
        }
        stages.insertsSpace = config.addsPrefixSpace
        var reader = JSONReader(try MappedFile(path: vocab).bytes, file: vocab)
        guard try reader.peek() == .object else { throw failure("", "expected an object") }
        try readVocabulary(&reader)
        try reader.finish()
        let text = try UTF8Check.text(try MappedFile(path: merges).bytes, file: merges)
        for line in text.utf8.split(separator: 0x0A) where !line.starts(with: "#version".utf8) {
            let parts = line.split(separator: 0x20).map { Array($0.filter { $0 != 0x0D }) }
            guard parts.count == 2 else {
                throw SwiftletError(
                    .ggufTokenizer, file: merges,
                    "merge \(self.merges.count) does not have two parts")
            }
            self.merges.append((left: parts[0], right: parts[1]))
        }
        try addTokens(config)
        try checkIDs()
    }

    /// Adds the configuration's tokens, and those that only have a role.
    private mutating func addTokens(_ config: TokenizerSettings) throws(SwiftletError) {
        added = config.added
        var known: [[UInt8]: Int] = [:]
        for (id, spelling) in vocabulary { known[spelling] = id }
        let roles = TokenizerConfiguration.roles.compactMap { config.specialTokens[$0.key] }
        let standard = roles.isEmpty && added.isEmpty ? ["<|endoftext|>"] : []
        for content in roles + standard where !added.contains(where: { $0.content == content }) {
            let id = known[Array(content.utf8)] ?? max(count, 0)
            added.append(Added(id: id, content: content, isSpecial: true, hasConditions: false))
        }
        if config.addsBeginning == true { before = self.ids(of: "bos_token", config) }
        if config.addsEnd == true { after = self.ids(of: "eos_token", config) }
    }

    private func ids(of role: String, _ config: TokenizerSettings) -> [Int] {
        added.filter { $0.content == config.specialTokens[role] }.map(\.id)
    }
}
