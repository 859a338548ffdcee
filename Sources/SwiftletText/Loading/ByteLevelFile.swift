import SwiftletBytes

/// The parts of a `tokenizer.json` that a byte-level model is made of: normalizer, pre-tokenizer and
/// decoder, each checked to be what Swiftlet does.
enum ByteLevelFile {
    /// Makes the model.
    ///
    /// - Parameters:
    ///   - reader: at the value of the file's key `model`.
    ///   - fields: its other keys.
    ///   - config: what the files beside it say.
    static func model(
        _ reader: inout JSONReader, _ fields: JSONFields, _ config: TokenizerConfig
    ) throws(SwiftletError) -> ByteLevelModel {
        // What is refused is refused before megabytes of vocabulary are read.
        _ = try normalization(fields)
        var (preTokenizer, addsPrefixSpace) = try preTokenizer(fields)
        try checkDecoder(fields)
        // These classes take this from the configuration, whatever the file says.
        if config.byteLevelClass == .gpt2 || config.byteLevelClass == .gptNeoX {
            addsPrefixSpace = config.addsPrefixSpace ?? false
        }
        let tables = try TokenizerFileModel.read(&reader, isByteLevel: true, file: fields.file)
        return ByteLevelModel(
            try BytePairModel(tables, file: fields.file), preTokenizer,
            addsPrefixSpace: addsPrefixSpace)
    }

    private static func type(_ fields: JSONFields) throws(SwiftletError) -> String {
        guard let type = try fields.string("type") else {
            throw fields.failure("type", "the key is missing")
        }
        return type
    }

    /// NFC or none.
    static func normalization(_ fields: JSONFields) throws(SwiftletError) -> Normalization {
        guard let normalizer = try fields.fields("normalizer") else { return .none }
        return try isNFC(normalizer) ? .betweenTokens : .none
    }

    private static func isNFC(_ normalizer: JSONFields) throws(SwiftletError) -> Bool {
        switch try type(normalizer) {
        case "NFC": return true
        case "Sequence":
            var found = false
            for step in try normalizer.list("normalizers") where try isNFC(step) { found = true }
            return found
        case let type: throw normalizer.unsupported("type", type)
        }
    }

    private static func checkDecoder(_ fields: JSONFields) throws(SwiftletError) {
        guard let decoder = try fields.fields("decoder") else {
            throw fields.unsupported("decoder", "a tokenizer without a decoder")
        }
        let type = try type(decoder)
        guard type == "ByteLevel" else { throw fields.unsupported("decoder", type) }
    }

    /// ByteLevel, alone or after a split by a known pattern.
    private static func preTokenizer(
        _ fields: JSONFields
    ) throws(SwiftletError) -> (PreTokenizer, Bool) {
        guard let outer = try fields.fields("pre_tokenizer") else {
            throw fields.unsupported("pre_tokenizer", "a tokenizer without a pre-tokenizer")
        }
        let steps = try type(outer) == "Sequence" ? try outer.list("pretokenizers") : [outer]
        var split: PreTokenizer?
        for (index, step) in steps.enumerated() {
            switch try type(step) {
            case "Split" where split == nil: split = try pattern(step)
            case "ByteLevel" where index == steps.count - 1:
                guard let prefix = try step.bool("add_prefix_space") else {
                    throw step.failure("add_prefix_space", "the key is missing")
                }
                let regex = try step.bool("use_regex") ?? true
                guard let split else { return (regex ? .gpt2 : .whole, prefix) }
                guard !regex else {
                    throw step.unsupported("use_regex", "splitting twice")
                }
                guard !prefix else {
                    throw step.unsupported("add_prefix_space", "a space before every word")
                }
                return (split, false)
            case let type: throw step.unsupported("type", type)
            }
        }
        throw fields.unsupported("pre_tokenizer", "a pre-tokenizer that does not end in ByteLevel")
    }

    private static func pattern(_ step: JSONFields) throws(SwiftletError) -> PreTokenizer {
        let behavior = try step.string("behavior") ?? ""
        guard behavior == "Isolated" else { throw step.unsupported("behavior", behavior) }
        guard try step.bool("invert") != true else { throw step.unsupported("invert", "true") }
        guard let regex = try step.fields("pattern")?.string("Regex") else {
            throw step.unsupported("pattern", "a pattern that is no regular expression")
        }
        guard let known = PreTokenizer(pattern: regex) else {
            throw step.unsupported("pattern", "the pattern \(regex)")
        }
        return known
    }
}
