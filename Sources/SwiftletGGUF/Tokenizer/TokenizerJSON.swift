import SwiftletBytes

/// Writes a `tokenizer.json` as tokenizers does, indented by two spaces.
struct TokenizerJSON {
    private let metadata: TokenizerMetadata
    private let tokens: TokenList
    private let values: TokenizerValues
    private var out: [UInt8] = []

    init(_ metadata: TokenizerMetadata, _ tokens: TokenList, _ values: TokenizerValues) {
        (self.metadata, self.tokens, self.values) = (metadata, tokens, values)
    }

    /// The bytes of the file.
    func bytes() throws(SwiftletError) -> [UInt8] {
        var writer = self
        try writer.write()
        return writer.out
    }

    private mutating func write() throws(SwiftletError) {
        out += "{\n".utf8
        write("version", .string("1.0"))
        write("truncation", .null)
        write("padding", .null)
        write("added_tokens", .array(tokens.added.map(addedToken)))
        let stages = stages
        write("normalizer", stages.normalizer)
        write("pre_tokenizer", stages.preTokenizer)
        write("post_processor", postProcessor)
        write("decoder", decoder)
        out += "  \"model\": {\n".utf8
        for (key, value) in settings.pairs { write(key, value, depth: 4) }
        writeVocabulary()
        try writeMerges()
        out += "\n  }\n}".utf8
    }

    /// Writes a key and its value, with a comma after it.
    private mutating func write(_ key: String, _ value: JSONValue, depth: Int = 2) {
        out.append(contentsOf: repeatElement(0x20, count: depth))
        JSONValue.write(string: key.utf8, into: &out)
        out += ": ".utf8
        for byte in value.text(pretty: true).utf8 {
            out.append(byte)
            // Strings have no line feeds of their own.
            if byte == 0x0A { out.append(contentsOf: repeatElement(0x20, count: depth)) }
        }
        out += ",\n".utf8
    }

    // MARK: Tokens

    private func addedToken(_ token: TokenList.Added) -> JSONValue {
        .object([
            "id": JSONValue(token.id), "content": .string(token.content),
            "single_word": .bool(false), "lstrip": .bool(false),
            "rstrip": .bool(token.takesSpace), "normalized": .bool(false),
            "special": .bool(token.isSpecial),
        ])
    }

    private mutating func writeVocabulary() {
        out += "    \"vocab\": {".utf8
        var separator = "\n      "
        for id in 0..<tokens.vocabularyCount where !tokens.fillers.contains(id) {
            out += separator.utf8
            separator = ",\n      "
            JSONValue.write(string: tokens.spellings[id], into: &out)
            out += ": \(id)".utf8
        }
        out += "\n    },\n".utf8
    }

    // MARK: Merges

    private mutating func writeMerges() throws(SwiftletError) {
        out += "    \"merges\": [".utf8
        var separator = "\n      "
        for merge in try merges() {
            out += separator.utf8
            separator = ",\n      "
            // Only parts without spaces can be written as one string.
            if merge.left.contains(0x20) || merge.right.contains(0x20) {
                out += "[\n        ".utf8
                JSONValue.write(string: merge.left, into: &out)
                out += ",\n        ".utf8
                JSONValue.write(string: merge.right, into: &out)
                out += "\n      ]".utf8
            } else {
                JSONValue.write(string: merge.left + [0x20] + merge.right, into: &out)
            }
        }
        out += "\n    ]".utf8
    }

    private typealias Merge = (left: ArraySlice<UInt8>, right: ArraySlice<UInt8>)

    private func merges() throws(SwiftletError) -> [Merge] {
        guard let listed = metadata.merges?.strings() else { return try scoredMerges() }
        var merges: [Merge] = []
        merges.reserveCapacity(listed.count)
        for (index, merge) in listed.enumerated() {
            // llama.cpp cuts at the first space that is not the first character.
            guard let space = merge.dropFirst().firstIndex(of: 0x20), space + 1 < merge.count else {
                throw values.failure("merges", "merge \(index) does not have two parts")
            }
            guard String(validating: merge, as: UTF8.self) != nil else {
                throw values.failure("merges", "merge \(index) is not UTF-8")
            }
            merges.append((left: merge[..<space], right: merge[(space + 1)...]))
        }
        return merges
    }

    private func scoredMerges() throws(SwiftletError) -> [Merge] {
        var pieces: [[UInt8]?] = []
        for (id, spelling) in tokens.spellings.enumerated() {
            let merges =
                switch metadata.types[id] {
                case .normal: true
                case .unused: !tokens.fillers.contains(id)
                case .unknown, .control, .userDefined, .byte: false
                }
            pieces.append(merges ? spelling : nil)
        }
        guard let scored = ScoredMerges(of: pieces, scores: metadata.scores) else {
            throw values.failure(
                "tokens",
                "pieces of more than \(ScoredMerges.longestPiece) bytes, or with too many merges")
        }
        let spellings = tokens.spellings
        return scored.merges.map { merge -> Merge in
            (left: spellings[merge.left][...], right: spellings[merge.right][...])
        }
    }
}

extension TokenizerJSON {
    /// The stages before the model.
    private var stages: (normalizer: JSONValue, preTokenizer: JSONValue) {
        guard metadata.kind != .byteLevel else {
            return metadata.splitting.stages(prefix: metadata.insertsSpace)
        }
        let escape: JSONValue = .object([
            "type": .string("Replace"), "pattern": .object(["String": .string(" ")]),
            "content": .string("\u{2581}"),
        ])
        guard metadata.insertsSpace else { return (escape, .null) }
        let prepend: JSONValue = .object([
            "type": .string("Prepend"), "prepend": .string("\u{2581}"),
        ])
        return (
            .object(["type": .string("Sequence"), "normalizers": .array([prepend, escape])]), .null
        )
    }

    private var decoder: JSONValue {
        guard metadata.kind != .byteLevel else {
            return TextSplitting.Step.byteLevel(insertsSpace: true, splits: true)
        }
        var steps: [JSONValue] = [
            .object([
                "type": .string("Replace"), "pattern": .object(["String": .string("\u{2581}")]),
                "content": .string(" "),
            ]),
            .object(["type": .string("ByteFallback")]), .object(["type": .string("Fuse")]),
        ]
        if metadata.insertsSpace {
            steps.append(
                .object([
                    "type": .string("Strip"), "content": .string(" "), "start": JSONValue(1),
                    "stop": JSONValue(0),
                ]))
        }
        return .object(["type": .string("Sequence"), "decoders": .array(steps)])
    }

    /// The ids around a text; for bytes, after the processor that all models with bytes have.
    private var postProcessor: JSONValue {
        let template = template
        guard metadata.kind == .byteLevel else { return template ?? .null }
        let bytes = TextSplitting.Step.byteLevel(insertsSpace: true, trims: false, splits: true)
        guard let template else { return bytes }
        return .object([
            "type": .string("Sequence"), "processors": .array([bytes, template]),
        ])
    }

    private var template: JSONValue? {
        let before = metadata.addsBeginning ? metadata.ids["bos"] : nil
        let after = metadata.addsEnd ? metadata.ids["eos"] : nil
        guard before != nil || after != nil else { return nil }
        func text(_ id: Int) -> String { String(decoding: tokens.spellings[id], as: UTF8.self) }
        func item(_ kind: String, _ name: String, _ type: Int) -> JSONValue {
            let content: JSONValue = .object(["id": .string(name), "type_id": JSONValue(type)])
            return .object([kind: content])
        }
        func sequence(_ name: String, _ type: Int) -> [JSONValue] {
            var items = [item("Sequence", name, type)]
            if let before { items.insert(item("SpecialToken", text(before), type), at: 0) }
            if let after { items.append(item("SpecialToken", text(after), type)) }
            return items
        }
        var known = JSONObject()
        for id in [before, after].compactMap(\.self) where known[text(id)] == nil {
            known[text(id)] = .object([
                "id": .string(text(id)), "ids": JSONValue([id]), "tokens": JSONValue([text(id)]),
            ])
        }
        return .object([
            "type": .string("TemplateProcessing"), "single": .array(sequence("A", 0)),
            "pair": .array(sequence("A", 0) + sequence("B", 1)), "special_tokens": .object(known),
        ])
    }

    /// The settings of the model, before its vocabulary.
    private var settings: JSONObject {
        let isBytes = metadata.kind == .byteLevel
        // A byte that has no token is left out by llama.cpp, and by models' own files, which name no
        // token for it.
        let unknown = isBytes ? nil : metadata.ids["unknown"].map { tokens.spellings[$0] }
        return [
            "type": .string("BPE"), "dropout": .null,
            "unk_token": unknown.map { .string(String(decoding: $0, as: UTF8.self)) } ?? .null,
            "continuing_subword_prefix": .null, "end_of_word_suffix": .null,
            "fuse_unk": .bool(!isBytes),
            "byte_fallback": .bool(!isBytes && metadata.types.contains(.byte)),
            "ignore_merges": .bool(metadata.splitting.ignoresMerges),
        ]
    }
}
