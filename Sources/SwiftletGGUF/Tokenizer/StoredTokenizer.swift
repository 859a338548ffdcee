import SwiftletBytes

/// What the tokenizer files of a folder say, of which a GGUF file can hold the most part.
struct StoredTokenizer {
    /// A token that is matched in the text before anything else.
    struct Added {
        var id: Int
        var content: String
        var isSpecial: Bool
        /// Whether it takes white space, or only counts between words: GGUF cannot say so.
        var hasConditions: Bool
    }

    /// The file to name in errors.
    let file: String
    /// The spellings by id.
    var vocabulary: [Int: [UInt8]] = [:]
    /// The merges, each as its two parts.
    var merges: [(left: [UInt8], right: [UInt8])] = []
    var added: [Added] = []
    var stages = TokenizerStages()
    var ignoresMerges = false
    var hasByteFallback = false
    var unknownToken: String?
    /// The ids before and after a text.
    var before: [Int] = []
    var after: [Int] = []

    /// The highest id plus one.
    var count: Int {
        max(vocabulary.keys.max().map { $0 + 1 } ?? 0, added.map { $0.id + 1 }.max() ?? 0)
    }

    func failure(_ key: String, _ reason: String) -> SwiftletError {
        SwiftletError(.ggufTokenizer, file: file, reason, at: "key \"\(key)\"")
    }

    func unsupported(_ key: String, _ what: String) -> SwiftletError {
        SwiftletError(
            .ggufTokenizerUnsupported, file: file, "GGUF cannot hold \(what)", at: "key \"\(key)\"")
    }

    /// Checks that ids are not far above the number of tokens, by which memory is reserved.
    func checkIDs() throws(SwiftletError) {
        let limit = 65_536 + 16 * (vocabulary.count + added.count)
        guard count <= limit else {
            throw failure("model.vocab", "the id \(count - 1) is far above the number of tokens")
        }
    }
}

extension StoredTokenizer {
    /// Reads a `tokenizer.json`.
    ///
    /// - Parameters:
    ///   - json: The bytes.
    ///   - file: The file to name in errors.
    /// - Throws: An error that names the key.
    init(json: ByteView, file: String) throws(SwiftletError) {
        self.file = file
        var reader = JSONReader(json, file: file)
        var small = JSONObject()
        var hasModel = false
        guard try reader.peek() == .object else {
            throw SwiftletError(.ggufTokenizer, file: file, "expected an object")
        }
        try reader.beginObject()
        while let key = try reader.nextKey() {
            if key == "model", !hasModel {
                hasModel = true
                try readModel(&reader)
            } else {
                small.append(key, try JSONValue(&reader))
            }
        }
        try reader.finish()
        guard hasModel else { throw failure("model", "the key is missing") }
        let fields = try JSONFields(
            .object(small), file: file, code: .ggufTokenizer, refusesDuplicates: true)
        stages = try TokenizerStages(fields, self)
        for token in try fields.list("added_tokens") ?? [] {
            guard let id = token["id"]?.int, id >= 0, let content = try token.string("content")
            else { throw token.failure("id", "expected an id and a content") }
            if content.isEmpty { continue }
            var hasConditions = false
            for key in ["single_word", "lstrip", "rstrip"]
            where try token.bool(key, default: false) {
                hasConditions = true
            }
            added.append(
                Added(
                    id: id, content: content,
                    isSpecial: try token.bool("special", default: false),
                    hasConditions: hasConditions))
        }
        if let processor = try fields.fields("post_processor") { try readTemplate(processor) }
        try assignAddedIDs()
        try checkIDs()
    }

    /// Gives added tokens the ids that adding them assigns, whatever the file says: those of the
    /// vocabulary, else the next ones.
    private mutating func assignAddedIDs() throws(SwiftletError) {
        var known: [[UInt8]: Int] = [:]
        for (id, spelling) in vocabulary { known[spelling] = id }
        var next = vocabulary.count
        for index in added.indices {
            let content = Array(added[index].content.utf8)
            if let id = known[content] {
                added[index].id = id
                continue
            }
            guard vocabulary[next] == nil else {
                throw unsupported("added_tokens", "an added token with the id of another token")
            }
            (known[content], added[index].id) = (next, next)
            next += 1
        }
    }

    // MARK: Model

    private mutating func readModel(_ reader: inout JSONReader) throws(SwiftletError) {
        guard try reader.peek() == .object else { throw failure("model", "expected an object") }
        var settings = JSONObject()
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "vocab":
                guard try reader.peek() == .object else {
                    throw unsupported("model.vocab", "a vocabulary that is not an object")
                }
                try readVocabulary(&reader)
            case "merges": try readMerges(&reader)
            default: settings.append(key, try JSONValue(&reader))
            }
        }
        let fields = try JSONFields(
            .object(settings), file: file, path: "model", code: .ggufTokenizer,
            refusesDuplicates: true)
        let type = try fields.string("type") ?? "BPE"
        guard type == "BPE" else { throw unsupported("model.type", "the model \"\(type)\"") }
        ignoresMerges = try fields.bool("ignore_merges", default: false)
        hasByteFallback = try fields.bool("byte_fallback", default: false)
        unknownToken = try fields.string("unk_token")
        for key in ["continuing_subword_prefix", "end_of_word_suffix"]
        where try !(fields.string(key) ?? "").isEmpty {
            throw unsupported("model.\(key)", "marks at the ends of words")
        }
    }

    /// Reads an object of tokens and ids.
    mutating func readVocabulary(_ reader: inout JSONReader) throws(SwiftletError) {
        var spelling: [UInt8] = []
        try reader.beginObject()
        while try reader.nextKey(into: &spelling) {
            let id = try reader.readInt()
            guard id >= 0 else { throw failure("model.vocab", "the id \(id) is negative") }
            guard vocabulary.updateValue(spelling, forKey: id) == nil else {
                throw unsupported("model.vocab", "two tokens with the id \(id)")
            }
        }
    }

    private mutating func readMerges(_ reader: inout JSONReader) throws(SwiftletError) {
        try reader.beginArray()
        while try reader.nextElement() {
            var parts: [[UInt8]] = []
            if try reader.peek() == .array {
                try reader.beginArray()
                while try reader.nextElement() {
                    var part: [UInt8] = []
                    try reader.readString(into: &part)
                    parts.append(part)
                }
            } else {
                var text: [UInt8] = []
                try reader.readString(into: &text)
                parts = text.split(separator: 0x20, omittingEmptySubsequences: false).map(
                    Array.init)
            }
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw failure("model.merges", "merge \(merges.count) does not have two parts")
            }
            merges.append((left: parts[0], right: parts[1]))
        }
    }

    // MARK: Template

    private mutating func readTemplate(_ processor: JSONFields) throws(SwiftletError) {
        switch try processor.string("type") {
        case "ByteLevel": break
        case "Sequence":
            for step in try processor.list("processors") ?? [] { try readTemplate(step) }
        case "TemplateProcessing":
            let known = try processor.fields("special_tokens")
            var seen = false
            for item in try processor.list("single") ?? [] {
                guard let name = try item.fields("SpecialToken")?.string("id") else {
                    seen = true
                    continue
                }
                let ids = try known?.fields(name)?.elements("ids", as: "an integer", \.int) ?? []
                if seen { after += ids } else { before += ids }
            }
        case let type: throw unsupported("post_processor", type ?? "a processor without a type")
        }
    }
}
