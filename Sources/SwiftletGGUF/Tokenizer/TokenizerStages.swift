import SwiftletBytes

/// The stages of a `tokenizer.json` before its model, as far as GGUF can name them.
struct TokenizerStages {
    /// The steps of a tokenizer of bytes; nil for one of characters, where ▁ stands for a space.
    var splitting: TextSplitting?
    /// Whether a space is inserted before a text.
    var insertsSpace = false
    /// Whether it is inserted elsewhere than llama.cpp does.
    var insertsDifferently = false

    init() {}

    /// Reads the keys `normalizer` and `pre_tokenizer`.
    init(_ fields: JSONFields, _ tokenizer: StoredTokenizer) throws(SwiftletError) {
        var reader = Reader(tokenizer: tokenizer)
        if let normalizer = try fields.fields("normalizer") {
            try reader.read(normalizer: normalizer)
        }
        if let step = try fields.fields("pre_tokenizer") { try reader.read(step: step) }
        if reader.steps.contains(where: \.isByteLevel) {
            guard !reader.replacesSpaces else {
                throw tokenizer.unsupported("normalizer", "▁ for a space before a split into bytes")
            }
            guard !reader.insertsSpace || reader.steps == [.byteLevel(splits: true)] else {
                throw tokenizer.unsupported("pre_tokenizer", "a space inserted before every word")
            }
            splitting = TextSplitting(composes: reader.composes, steps: reader.steps)
        } else {
            guard reader.replacesSpaces, reader.steps.isEmpty, !reader.composes else {
                throw tokenizer.unsupported(
                    "pre_tokenizer",
                    "a tokenizer that neither splits text into bytes nor writes "
                        + "▁ for a space")
            }
        }
        insertsSpace = reader.insertsSpace
        insertsDifferently = reader.insertsDifferently
    }

    private struct Reader {
        let tokenizer: StoredTokenizer
        var composes = false
        var replacesSpaces = false
        var insertsSpace = false
        var insertsDifferently = false
        var steps: [TextSplitting.Step] = []

        mutating func read(normalizer: JSONFields) throws(SwiftletError) {
            switch try normalizer.string("type") {
            case "NFC": composes = true
            case "Sequence":
                for step in try normalizer.list("normalizers") ?? [] {
                    try read(normalizer: step)
                }
            case "Prepend" where try normalizer.string("prepend") == "\u{2581}": insertsSpace = true
            case "Replace":
                let pattern = try normalizer.fields("pattern")?.string("String")
                guard try normalizer.string("content") == "\u{2581}", pattern == " " else {
                    throw tokenizer.unsupported("normalizer", "this Replace")
                }
                replacesSpaces = true
            case let type:
                throw tokenizer.unsupported(
                    "normalizer", "the normalizer \(type ?? "without a type")")
            }
        }

        mutating func read(step: JSONFields) throws(SwiftletError) {
            let type = try step.string("type")
            switch type {
            case "Sequence":
                for inner in try step.list("pretokenizers") ?? [] { try read(step: inner) }
            case "ByteLevel":
                if try step.bool("add_prefix_space", default: true) { insertsSpace = true }
                steps.append(.byteLevel(splits: try step.bool("use_regex", default: true)))
            case "Digits":
                steps.append(
                    .digits(individual: try step.bool("individual_digits", default: false)))
            case "Punctuation":
                switch try step.string("behavior") {
                case "Contiguous": steps.append(.punctuation(runs: true))
                case "Isolated", nil: steps.append(.punctuation(runs: false))
                default: throw unknown(type)
                }
            case "Split" where replacesSpaces:
                // Gemma's: there are no spaces left to split at.
                guard try step.fields("pattern")?.string("String") == " " else {
                    throw unknown(type)
                }
            case "Split":
                let behavior = try step.string("behavior")
                let isInverted = try step.bool("invert", default: false)
                // Patterns that match everything leave nothing to remove between the matches.
                guard behavior == "Isolated" && !isInverted || behavior == "Removed" && isInverted,
                    let pattern = try step.fields("pattern")?.string("Regex")
                else { throw unknown(type) }
                steps.append(.split(pattern))
            case "Metaspace" where try step.string("replacement") == "\u{2581}":
                replacesSpaces = true
                let scheme = try step.string("prepend_scheme") ?? "always"
                let inserts = try step.bool("add_prefix_space", default: true)
                if inserts, scheme != "never", !insertsSpace {
                    insertsSpace = true
                    insertsDifferently = true
                }
            default: throw unknown(type)
            }
        }

        private func unknown(_ type: String?) -> SwiftletError {
            tokenizer.unsupported(
                "pre_tokenizer", "this pre-tokenizer of type \(type ?? "null")")
        }
    }
}

extension TextSplitting.Step {
    fileprivate var isByteLevel: Bool { if case .byteLevel = self { true } else { false } }
}
