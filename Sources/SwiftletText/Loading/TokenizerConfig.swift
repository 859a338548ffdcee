import SwiftletBytes

/// What `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json` say about ids.
///
/// As in transformers, an `added_tokens_decoder` in the configuration makes the other two files
/// void. Without it, the special tokens of the map replace those of the configuration.
struct TokenizerConfig {
    /// The class that the configuration names, or else the one of the model's type; nil if that is
    /// not one of these classes.
    var byteLevelClass: ByteLevelClass?
    /// Whether that class is Llama's SentencePiece tokenizer.
    var isLlama = false
    /// The name of the class or the model type, for errors; nil if no file has either.
    var family: String?
    var addsBeginning: Bool?
    var addsEnd: Bool?
    var addsPrefixSpace: Bool?
    /// Whether SentencePiece treats each stretch between special tokens as a text of its own, which
    /// was LlamaTokenizer's original behaviour.
    var legacy: Bool?
    /// Whether special-token strings in a text are text (`split_special_tokens`).
    var splitsSpecialTokens = false
    /// Special tokens with their roles (`eos_token`), in the order in which they are added.
    var named: [(role: String, token: AddedToken)] = []
    /// Further special tokens.
    var extra: [AddedToken] = []
    /// Tokens with the ids that the file lists for them, in order of id.
    var listed: [(id: Int, token: AddedToken)] = []

    private static let roles = [
        "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
    ]
    private static let llamaClasses = ["LlamaTokenizer", "LlamaTokenizerFast"]
    /// The model types that transformers gives Llama's tokenizer.
    private static let llamaModels = ["llama", "mistral", "mixtral"]

    /// The content of the token with a role.
    func content(_ role: String) -> String? { named.first { $0.role == role }?.token.content }

    /// Reads those of the three files that a folder has.
    ///
    /// - Parameters:
    ///   - folder: The folder.
    ///   - unnamedIsGPT2: Whether a folder that names neither a class nor a model type is GPT-2's.
    /// - Returns: The content of the files.
    /// - Throws: The errors of reading a file.
    static func read(folder: String, unnamedIsGPT2: Bool) throws(SwiftletError) -> TokenizerConfig {
        var config = TokenizerConfig()
        let settings = try fields(folder, "tokenizer_config.json")
        try config.readFamily(settings, folder)
        if config.family == nil, unnamedIsGPT2 { config.byteLevelClass = .gpt2 }
        if let settings { try config.read(settings) }
        if let decoder = try settings?.fields("added_tokens_decoder") {
            for (key, _) in decoder.object.pairs {
                guard let id = Int(key), id >= 0, let token = try decoder.fields(key) else {
                    throw decoder.failure(key, "expected a token under its id")
                }
                config.listed.append((id, try AddedToken(token, special: false)))
            }
            config.listed.sort { $0.id < $1.id }
        } else {
            if let map = try fields(folder, "special_tokens_map.json") {
                try config.readSpecials(map)
            }
            if let added = try fields(folder, "added_tokens.json") { try config.readAdded(added) }
        }
        config.setDefaults(settings)
        config.named.sort { Self.rank($0.role) < Self.rank($1.role) }
        return config
    }

    /// Reads the bytes of a `tokenizer_config.json` that has no files beside it and names special
    /// tokens alone.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - file: The file to name in errors.
    /// - Returns: The content of the file.
    /// - Throws: The errors of reading it.
    static func read(_ bytes: ByteView, file: String) throws(SwiftletError) -> TokenizerConfig {
        var config = TokenizerConfig()
        try config.read(JSONFields(tokenizer: JSONValue.parse(bytes, file: file), file: file))
        config.named.sort { Self.rank($0.role) < Self.rank($1.role) }
        return config
    }

    private mutating func read(_ settings: JSONFields) throws(SwiftletError) {
        addsBeginning = try settings.bool("add_bos_token")
        addsEnd = try settings.bool("add_eos_token")
        legacy = try settings.bool("legacy")
        if let kwargs = try settings.fields("sp_model_kwargs"), !kwargs.object.pairs.isEmpty {
            throw settings.unsupported("sp_model_kwargs", kwargs.object.pairs[0].key)
        }
        addsPrefixSpace = try settings.bool("add_prefix_space")
        splitsSpecialTokens = try settings.bool("split_special_tokens") ?? false
        try readSpecials(settings)
    }

    private static func rank(_ role: String) -> Int { roles.firstIndex(of: role) ?? roles.count }

    private static func fields(_ folder: String, _ name: String) throws(SwiftletError)
        -> JSONFields?
    {
        let path = FileSystem.join(folder, name)
        guard FileSystem.isFile(path) else { return nil }
        return try JSONFields(tokenizer: JSONValue.read(path: path), file: path)
    }

    private mutating func readFamily(_ settings: JSONFields?, _ folder: String)
        throws(SwiftletError)
    {
        if let name = try settings?.string("tokenizer_class") {
            family = name
            byteLevelClass = ByteLevelClass(className: name)
            isLlama = Self.llamaClasses.contains(name)
        } else if let model = try Self.fields(folder, "config.json")?.string("model_type") {
            family = model
            byteLevelClass = ByteLevelClass(modelType: model)
            isLlama = Self.llamaModels.contains(model)
        }
    }

    /// Reads special tokens by role, and lists of further ones, which replace earlier ones.
    private mutating func readSpecials(_ fields: JSONFields) throws(SwiftletError) {
        for (key, value) in fields.object.pairs {
            let isList = key == "additional_special_tokens" || key == "extra_special_tokens"
            if isList, value.array != nil {
                extra = []
                for (index, item) in (try fields.array(key) ?? []).enumerated() {
                    extra.append(try Self.token(item, fields, "\(key)[\(index)]"))
                }
            } else if isList, value.object != nil {
                guard let tokens = try fields.fields(key) else { continue }
                extra = []
                for (name, item) in tokens.object.pairs {
                    extra.append(try Self.token(item, tokens, name))
                }
            } else if Self.roles.contains(key) || (key.hasSuffix("_token") && value.string != nil) {
                named.removeAll { $0.role == key }
                guard value != .null else { continue }
                named.append((key, try Self.token(value, fields, key)))
            }
        }
    }

    private static func token(
        _ value: JSONValue, _ fields: JSONFields, _ key: String
    ) throws(SwiftletError) -> AddedToken {
        if let content = value.string { return AddedToken(content, special: true) }
        guard value.object != nil else {
            throw fields.failure(key, "expected a token: a string or an object")
        }
        var token = try AddedToken(
            JSONFields(tokenizer: value, file: fields.file, path: key), special: true)
        token.special = true
        return token
    }

    /// Reads `added_tokens.json`: `{"token": id}`.
    private mutating func readAdded(_ fields: JSONFields) throws(SwiftletError) {
        let special = Set(named.map(\.token.content) + extra.map(\.content))
        for (content, value) in fields.object.pairs {
            guard let id = value.int, id >= 0 else {
                throw fields.failure(content, "expected an integer from 0")
            }
            listed.append((id, AddedToken(content, special: special.contains(content))))
        }
        listed.sort { $0.id < $1.id }
    }

    /// Makes all tokens match in the original text, before normalization.
    mutating func looksVerbatim() {
        for index in named.indices { named[index].token.normalized = false }
        for index in extra.indices { extra[index].normalized = false }
        for index in listed.indices { listed[index].token.normalized = false }
    }

    /// Adds LlamaTokenizer's own special tokens that the model has, for roles without a token.
    mutating func addLlamaTokens(_ vocabulary: Vocabulary) {
        for (role, content) in [
            ("unk_token", "<unk>"), ("bos_token", "<s>"), ("eos_token", "</s>"),
        ]
        where self.content(role) == nil && vocabulary.id(of: Array(content.utf8)) != nil {
            named.append((role, AddedToken(content, special: true)))
        }
    }

    /// Adds the class's own special tokens, for roles that no file mentions.
    private mutating func setDefaults(_ settings: JSONFields?) {
        for (role, content) in byteLevelClass?.specialTokens ?? []
        where self.content(role) == nil && settings?.object[role] == nil {
            named.append((role, AddedToken(content, special: true)))
        }
    }
}
