import SwiftletBytes

/// What happens to text before pairs are merged: the part of a tokenizer that a file only names
/// (`tokenizer.ggml.pre`).
struct TextSplitting: Equatable {
    /// A pre-tokenizer of `tokenizer.json`.
    enum Step: Equatable {
        /// Matches of a regular expression, and what is between them.
        case split(String)
        /// Numerals, one by one or as runs.
        case digits(individual: Bool)
        /// Punctuation, one by one or as runs.
        case punctuation(runs: Bool)
        /// Bytes are written in the byte alphabet, after a split by GPT-2's pattern.
        case byteLevel(splits: Bool)
    }

    /// Whether text is normalized to NFC first.
    var composes = false
    /// The steps in order; empty if a space is written as ▁ and text is not split at all.
    var steps: [Step] = []
    /// Whether a word that is a token becomes that token without merging.
    var ignoresMerges = false
    /// Whether a text begins with BOS if the file does not say.
    var addsBeginning = false

    /// Whether tokens are spelled in the byte alphabet.
    var isByteLevel: Bool { !steps.isEmpty }
}

extension TextSplitting {
    /// The value of `normalizer` and that of `pre_tokenizer`, which inserts a space before a text if
    /// `prefix` says so and nothing but GPT-2's pattern splits it.
    func stages(prefix: Bool) -> (normalizer: JSONValue, preTokenizer: JSONValue) {
        let insertsSpace = prefix && steps == [.byteLevel(splits: true)]
        let values = steps.map { $0.json(insertsSpace: insertsSpace) }
        let all: JSONValue =
            values.count == 1
            ? values[0]
            : .object(["type": .string("Sequence"), "pretokenizers": .array(values)])
        return (composes ? .object(["type": .string("NFC")]) : .null, all)
    }
}

extension TextSplitting.Step {
    fileprivate func json(insertsSpace: Bool) -> JSONValue {
        switch self {
        case .split(let pattern):
            .object([
                "type": .string("Split"), "pattern": .object(["Regex": .string(pattern)]),
                "behavior": .string("Isolated"), "invert": .bool(false),
            ])
        case .digits(let individual):
            .object(["type": .string("Digits"), "individual_digits": .bool(individual)])
        case .punctuation(let runs):
            .object([
                "type": .string("Punctuation"),
                "behavior": .string(runs ? "Contiguous" : "Isolated"),
            ])
        case .byteLevel(let splits): Self.byteLevel(insertsSpace: insertsSpace, splits: splits)
        }
    }

    /// A ByteLevel step, decoder or post-processor.
    static func byteLevel(
        insertsSpace: Bool = false, trims: Bool = true, splits: Bool
    ) -> JSONValue {
        .object([
            "type": .string("ByteLevel"), "add_prefix_space": .bool(insertsSpace),
            "trim_offsets": .bool(trims), "use_regex": .bool(splits),
        ])
    }
}
