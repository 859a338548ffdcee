import SwiftletBytes

/// The tokens of a file by what `tokenizer.json` does with them.
struct TokenList {
    /// A token that is matched in the text before anything else.
    struct Added {
        let id: Int
        let content: String
        let isSpecial: Bool
        /// Whether white space after it belongs to it.
        let takesSpace: Bool
    }

    /// The spellings by id, which are UTF-8.
    let spellings: [[UInt8]]
    /// The added tokens in order of id.
    private(set) var added: [Added] = []
    /// The ids that only fill the vocabulary up to the number of rows of an embedding.
    private(set) var fillers: Set<Int> = []
    /// The number of tokens in the vocabulary of the model; the added tokens after them are not in it,
    /// as in the files of most models.
    private(set) var vocabularyCount = 0

    /// Sorts the tokens of a file.
    init(_ metadata: TokenizerMetadata, _ file: GGUFFile) throws(SwiftletError) {
        let values = TokenizerValues(file)
        let takesSpace = Self.takesSpace(file)
        let named = Set(["bos", "eos"].compactMap { metadata.ids[$0] })
        // llama.cpp renames tokens that are empty.
        spellings = (metadata.tokens.strings() ?? []).enumerated().map { id, spelling in
            spelling.isEmpty ? Array("[EMPTY_\(id)]".utf8) : spelling
        }
        for (id, spelling) in spellings.enumerated() {
            guard let content = String(validating: spelling, as: UTF8.self) else {
                throw values.failure("tokens", "token \(id) is not UTF-8")
            }
            let type = metadata.types[id]
            switch type {
            case .byte: continue
            case .normal where !named.contains(id) && !Self.turnEnds.contains(content): continue
            case .unused, .userDefined, .unknown:
                if content == "[PAD\(id)]", metadata.ids["unknown"] != id {
                    fillers.insert(id)
                    continue
                }
                if type == .unused { continue }
            case .normal, .control: break
            }
            added.append(
                Added(
                    id: id, content: content, isSpecial: type != .userDefined,
                    takesSpace: takesSpace && !Self.keepsSpace.contains(content)))
        }
        vocabularyCount = Self.vocabularyCount(spellings.count, added, fillers)
    }

    /// The number of tokens before those that are added one after the other at the end.
    ///
    /// An added token that is not in the vocabulary gets the next free id, so only a run without gaps
    /// after a vocabulary without gaps can be left out of it.
    private static func vocabularyCount(
        _ count: Int, _ added: [Added], _ fillers: Set<Int>
    ) -> Int {
        var end = count
        while end > 0, fillers.contains(end - 1) { end -= 1 }
        var first = end
        for token in added.reversed() where token.id == first - 1 { first -= 1 }
        guard first > 0, !fillers.contains(where: { $0 < end }) else { return end }
        return first
    }

    // MARK: Names

    /// Tokens that llama.cpp treats as control tokens whatever their type: they end a turn or a text.
    private static let turnEnds: Set<String> = [
        "<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end|>", "<|endoftext|>", "<|end_of_text|>",
        "<end_of_turn>", "<end_of_utterance>", "<EOT>", "_<EOT>", "[EOT]",
        "<\u{FF5C}end\u{2581}of\u{2581}sentence\u{FF5C}>",
    ]

    /// Of the models named so, special tokens take the white space after them (llama.cpp,
    /// `llama_vocab::impl::load`; the models' own files say the same).
    private static func takesSpace(_ file: GGUFFile) -> Bool {
        guard let name = file.value("general.name")?.text?.lowercased() else { return false }
        return name.contains("phi-3") || name.contains("phi3")
    }

    private static let keepsSpace: Set<String> = ["<unk>", "<s>", "<|endoftext|>"]
}
