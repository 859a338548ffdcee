import SwiftletBytes

/// The classes of transformers whose tokenizers are byte-level BPEs and, apart from what the class
/// itself determines, fully described by `vocab.json` and `merges.txt`.
enum ByteLevelClass: String {
    case gpt2 = "GPT2Tokenizer"
    case gptNeoX = "GPTNeoXTokenizer"
    case qwen2 = "Qwen2Tokenizer"

    /// The class with the given name, with or without the suffix `Fast`.
    init?(className: String) {
        self.init(
            rawValue: className.hasSuffix("Fast") ? String(className.dropLast(4)) : className)
    }

    /// The class that transformers uses for a `model_type`.
    init?(modelType: String) {
        switch modelType {
        case "gpt2", "opt", "gptj", "gpt_neo", "gpt_bigcode": self = .gpt2
        case "gpt_neox": self = .gptNeoX
        case "qwen2", "qwen2_moe", "qwen3", "qwen3_moe": self = .qwen2
        default: return nil
        }
    }

    var preTokenizer: PreTokenizer { self == .qwen2 ? .qwen : .gpt2 }

    /// The pre-tokenizer as a `tokenizer.json` has it.
    func steps(addsPrefixSpace: Bool) -> String {
        guard self == .qwen2 else { return Self.byteLevel(addsPrefixSpace, usesPattern: true) }
        let pattern = JSONValue.string(
            #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|"#
                + #"\s*[\r\n]+|\s+(?!\S)|\s+"#)
        return """
            {"type": "Sequence", "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": \(pattern.text())}, "behavior": "Isolated",
                 "invert": false}, \(Self.byteLevel(addsPrefixSpace, usesPattern: false))]}
            """
    }

    /// `ByteLevel` as a `tokenizer.json` has it.
    static func byteLevel(_ addsPrefixSpace: Bool, usesPattern: Bool) -> String {
        """
        {"type": "ByteLevel", "add_prefix_space": \(addsPrefixSpace), "trim_offsets": true, \
        "use_regex": \(usesPattern)}
        """
    }

    var normalization: NormalizationStage { self == .gpt2 ? .none : .betweenTokens }

    /// The special tokens that the class defines, by role.
    var specialTokens: [(role: String, content: String)] {
        let end = "<|endoftext|>"
        switch self {
        case .gpt2: return [("bos_token", end), ("eos_token", end), ("unk_token", end)]
        case .gptNeoX:
            return [
                ("bos_token", end), ("eos_token", end), ("unk_token", end),
                ("pad_token", "<|padding|>"),
            ]
        case .qwen2: return [("eos_token", end), ("unk_token", end), ("pad_token", end)]
        }
    }
}
