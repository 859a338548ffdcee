import SwiftletBytes

/// Writes the metadata under `tokenizer.ggml.` for a stored tokenizer.
struct TokenizerFieldsWriter {
    private let stored: StoredTokenizer
    private let config: TokenizerSettings
    /// The spellings by id; nil for ids without a token.
    private var spellings: [[UInt8]?]
    private var types: [TokenizerMetadata.TokenType]

    private(set) var fields: [(key: String, field: GGUFField)] = []
    private(set) var notes: [String] = []

    init(_ stored: StoredTokenizer, _ config: TokenizerSettings, count: Int) {
        (self.stored, self.config) = (stored, config)
        spellings = Array(repeating: nil, count: count)
        types = Array(repeating: .unused, count: count)
        for (id, spelling) in stored.vocabulary {
            spellings[id] = spelling
            types[id] = .normal
        }
        for token in stored.added {
            spellings[token.id] = Array(token.content.utf8)
            types[token.id] = token.isSpecial ? .control : .userDefined
        }
    }

    mutating func write() throws(SwiftletError) {
        if stored.stages.splitting != nil { try writeBytes() } else { try writePieces() }
        try writeIDs()
        writeTemplates()
        let conditional = stored.added.count { $0.hasConditions }
        if conditional > 0 {
            notes.append(
                "GGUF cannot say that \(conditional) added tokens take the white space beside them, or "
                    + "are only matched between words")
        }
    }

    private mutating func set(_ key: String, _ field: GGUFField) {
        fields.append((TokenizerValues.path(key), field))
    }

    /// The spelling of each row; a row without a token has llama.cpp's word for that.
    private var rows: [[UInt8]] {
        spellings.enumerated().map { id, spelling in spelling ?? Array("[PAD\(id)]".utf8) }
    }

    // MARK: Bytes

    private mutating func writeBytes() throws(SwiftletError) {
        var splitting = stored.stages.splitting ?? TextSplitting()
        splitting.ignoresMerges = stored.ignoresMerges
        guard let (name, isExact) = TextSplitting.name(of: splitting) else {
            throw stored.unsupported(
                "pre_tokenizer", "this way to split text: llama.cpp has no name for it")
        }
        if !isExact {
            notes.append(
                splitting.composes
                    ? "GGUF cannot say that text is normalized to NFC"
                    : "readers of this GGUF may normalize text to NFC, which the tokenizer does not"
            )
        }
        set("model", .string("gpt2"))
        set("pre", .string(name))
        set("tokens", .strings(bytes: rows))
        set("token_type", .int32s(types.map { Int32($0.rawValue) }))
        try setMerges()
        if stored.stages.insertsSpace { set("add_space_prefix", .bool(true)) }
    }

    private mutating func setMerges() throws(SwiftletError) {
        var merges: [[UInt8]] = []
        merges.reserveCapacity(stored.merges.count)
        for merge in stored.merges {
            guard !merge.left.contains(0x20), !merge.right.contains(0x20) else {
                throw stored.unsupported("model.merges", "merges of tokens with spaces")
            }
            merges.append(merge.left + [0x20] + merge.right)
        }
        set("merges", .strings(bytes: merges))
    }

    // MARK: Pieces

    private mutating func writePieces() throws(SwiftletError) {
        guard !stored.ignoresMerges else {
            throw stored.unsupported("model.ignore_merges", "words that are tokens without merging")
        }
        if let unknown = stored.unknownToken, let id = id(of: unknown) { types[id] = .unknown }
        if stored.hasByteFallback {
            for byte in UInt8.min...UInt8.max {
                let digits = String(byte, radix: 16, uppercase: true)
                let spelling = "<0x\(digits.count == 1 ? "0" : "")\(digits)>"
                guard let id = id(of: spelling) else {
                    throw stored.unsupported(
                        "model.byte_fallback", "a vocabulary without \(spelling)")
                }
                types[id] = .byte
            }
        }
        let pieces = spellings.indices.map { types[$0] == .normal ? spellings[$0] : nil }
        if let scores = MergeScores(of: pieces, merges: stored.merges) {
            set("model", .string("llama"))
            set("pre", .string("default"))
            set("tokens", .strings(bytes: rows))
            set("scores", .float32s(scores.scores.enumerated().map(score)))
            set("token_type", .int32s(types.map { Int32($0.rawValue) }))
        } else {
            try writeListedPieces(pieces)
        }
        set("add_space_prefix", .bool(stored.stages.insertsSpace))
        if stored.stages.insertsDifferently {
            notes.append(
                "llama.cpp inserts a space at other places than this tokenizer: after every special "
                    + "token, and before a space")
        }
    }

    /// The score of a token; those that merging does not make have what llama.cpp's converter gives them.
    private func score(_ id: Int, _ score: Float) -> Float {
        switch types[id] {
        case .normal: score
        case .userDefined: -1000
        case .unused: -10_000
        case .unknown, .control, .byte: 0
        }
    }

    /// Writes merges that do not follow from scores, for the one model of llama.cpp that reads them.
    private mutating func writeListedPieces(_ pieces: [[UInt8]?]) throws(SwiftletError) {
        // It cuts texts at line feeds, and always begins them with BOS.
        let crosses = pieces.contains { piece in
            piece.map { $0.contains(0x0A) && $0.contains { $0 != 0x0A } } ?? false
        }
        guard !stored.stages.insertsSpace, !crosses, try beginning() else {
            throw stored.unsupported(
                "model.merges", "merges of characters that do not follow from scores of tokens")
        }
        set("model", .string("gemma4"))
        set("tokens", .strings(bytes: rows))
        set("token_type", .int32s(types.map { Int32($0.rawValue) }))
        try setMerges()
    }

    // MARK: Special tokens

    private func id(of content: String) -> Int? {
        if let token = stored.added.first(where: { $0.content.utf8.elementsEqual(content.utf8) }) {
            return token.id
        }
        let bytes = Array(content.utf8)
        return spellings.firstIndex { $0 == bytes }
    }

    private mutating func writeIDs() throws(SwiftletError) {
        var ids: [String: Int] = [:]
        for (key, role) in TokenizerConfiguration.roles {
            guard let content = config.specialTokens[key] else { continue }
            ids[role] = id(of: content)
        }
        let addsBeginning = try beginning()
        let addsEnd = try end()
        if addsBeginning, ids["bos"] == nil { ids["bos"] = stored.before.first }
        if addsEnd, ids["eos"] == nil { ids["eos"] = stored.after.first }
        if stored.stages.splitting == nil, ids["unknown"] == nil {
            ids["unknown"] = stored.unknownToken.flatMap { id(of: $0) }
        }
        for role in ["bos", "eos", "unknown", "seperator", "padding", "cls", "mask"] {
            guard let id = ids[role], let number = UInt32(exactly: id) else { continue }
            set("\(role)_token_id", .uint32(number))
        }
        set("add_bos_token", .bool(addsBeginning))
        set("add_eos_token", .bool(addsEnd))
    }

    private func beginning() throws(SwiftletError) -> Bool {
        if config.overridesTemplate, let adds = config.addsBeginning { return adds }
        return try adds(stored.before, "bos_token")
    }

    private func end() throws(SwiftletError) -> Bool {
        if config.overridesTemplate, let adds = config.addsEnd { return adds }
        return try adds(stored.after, "eos_token")
    }

    /// Whether the one token that GGUF knows for this place is added.
    private func adds(_ ids: [Int], _ role: String) throws(SwiftletError) -> Bool {
        guard let first = ids.first else { return false }
        let known = config.specialTokens[role].flatMap { id(of: $0) } ?? first
        guard ids == [known] else {
            throw stored.unsupported(
                "post_processor", "texts with other tokens around them than \(role)")
        }
        return true
    }

    private mutating func writeTemplates() {
        let key = "tokenizer.chat_template"
        var names: [String] = []
        for (name, template) in config.templates {
            if let name, name != "default" {
                names.append(name)
                fields.append(("\(key).\(name)", .string(template)))
            } else {
                fields.append((key, .string(template)))
            }
        }
        if !names.isEmpty { fields.append(("tokenizer.chat_templates", .strings(names))) }
    }
}
