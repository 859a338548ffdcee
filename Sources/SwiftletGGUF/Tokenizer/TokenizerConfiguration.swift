import SwiftletBytes

/// Makes the `tokenizer_config.json` of a file.
struct TokenizerConfiguration {
    private let metadata: TokenizerMetadata
    private let tokens: TokenList
    private let file: GGUFFile

    init(_ metadata: TokenizerMetadata, _ tokens: TokenList, _ file: GGUFFile) {
        (self.metadata, self.tokens, self.file) = (metadata, tokens, file)
    }

    /// The keys of special tokens and what GGUF calls them.
    static let roles = [
        (key: "bos_token", role: "bos"), (key: "cls_token", role: "cls"),
        (key: "eos_token", role: "eos"), (key: "mask_token", role: "mask"),
        (key: "pad_token", role: "padding"), (key: "sep_token", role: "seperator"),
        (key: "unk_token", role: "unknown"),
    ]
    /// The class that takes everything from `tokenizer.json`.
    static let tokenizerClass = "PreTrainedTokenizerFast"

    /// The content of the file.
    var value: JSONValue {
        var object = JSONObject()
        let added = Set(tokens.added.map(\.id))
        object["clean_up_tokenization_spaces"] = .bool(false)
        object["chat_template"] = chatTemplate
        for (key, role) in Self.roles {
            // A token that a role names is matched in texts, which one that is not an added token must
            // not be.
            guard let id = metadata.ids[role], added.contains(id) else { continue }
            object[key] = .string(String(decoding: tokens.spellings[id], as: UTF8.self))
        }
        if let architecture = file.value("general.architecture")?.text,
            let length = file.value("\(architecture).context_length")?.integer
        {
            object["model_max_length"] = JSONValue(length)
        }
        object["tokenizer_class"] = .string(Self.tokenizerClass)
        let sorted = object.pairs.sorted { $0.key < $1.key }
        return .object(sorted.reduce(into: JSONObject()) { $0.append($1.key, $1.value) })
    }

    /// The templates: a string, or a list of named ones if there are several.
    private var chatTemplate: JSONValue? {
        let prefix = "tokenizer.chat_template"
        var named: [JSONValue] = []
        var standard: String?
        for (key, value) in file.metadata {
            guard let text = value.text else { continue }
            if key == prefix {
                standard = text
            } else if key.hasPrefix(prefix + ".") {
                named.append(Self.named(String(key.dropFirst(prefix.count + 1)), text))
            }
        }
        guard !named.isEmpty else { return standard.map { .string($0) } }
        return .array((standard.map { [Self.named("default", $0)] } ?? []) + named)
    }

    private static func named(_ name: String, _ template: String) -> JSONValue {
        .object(["name": .string(name), "template": .string(template)])
    }
}
