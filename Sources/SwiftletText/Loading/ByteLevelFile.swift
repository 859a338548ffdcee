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
        var words = try words(fields)
        try checkDecoder(fields)
        // These classes take this from the configuration, whatever the file says.
        if config.byteLevelClass == .gpt2 || config.byteLevelClass == .gptNeoX {
            words.addsPrefixSpace = config.addsPrefixSpace ?? false
        }
        guard words.splits.isEmpty || !words.addsPrefixSpace else {
            throw fields.unsupported("pre_tokenizer", "a space before every word")
        }
        let tables = try TokenizerFileModel.read(&reader, isByteLevel: true, file: fields.file)
        return ByteLevelModel(
            try BytePairModel(tables, file: fields.file), splits: words.splits, words.preTokenizer,
            addsPrefixSpace: words.addsPrefixSpace)
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

    /// How text is cut into words.
    private struct Words {
        var splits: [PatternSplit] = []
        var preTokenizer: PreTokenizer
        var addsPrefixSpace: Bool
    }

    /// ByteLevel, alone or after splits.
    private static func words(_ fields: JSONFields) throws(SwiftletError) -> Words {
        guard let outer = try fields.fields("pre_tokenizer") else {
            throw fields.unsupported("pre_tokenizer", "a tokenizer without a pre-tokenizer")
        }
        var steps = try type(outer) == "Sequence" ? try outer.list("pretokenizers") : [outer]
        for (index, step) in steps.enumerated() {
            let type = try type(step)
            guard type == "Split" || type == "ByteLevel" && index == steps.count - 1 else {
                throw step.unsupported("type", type)
            }
        }
        guard let last = steps.popLast(), try type(last) == "ByteLevel" else {
            throw fields.unsupported(
                "pre_tokenizer", "a pre-tokenizer that does not end in ByteLevel")
        }
        guard let prefix = try last.bool("add_prefix_space") else {
            throw last.failure("add_prefix_space", "the key is missing")
        }
        guard steps.isEmpty || !prefix else {
            throw last.unsupported("add_prefix_space", "a space before every word")
        }
        let regex = try last.bool("use_regex") ?? true
        var words = Words(preTokenizer: regex ? .gpt2 : .whole, addsPrefixSpace: prefix)
        if steps.count == 1, !regex, let known = try scanner(steps[0]) {
            words.preTokenizer = known
        } else {
            for step in steps { words.splits.append(try split(step)) }
        }
        return words
    }

    /// The scanner that does the same as a split; nil if there is none.
    private static func scanner(_ step: JSONFields) throws(SwiftletError) -> PreTokenizer? {
        guard try step.string("behavior") == "Isolated", try step.bool("invert") != true,
            let regex = try step.fields("pattern")?.string("Regex")
        else { return nil }
        return PreTokenizer(pattern: regex)
    }

    private static func split(_ step: JSONFields) throws(SwiftletError) -> PatternSplit {
        let name = try step.string("behavior") ?? ""
        guard let behavior = PatternSplit.Behavior(rawValue: name) else {
            throw step.failure("behavior", "\"\(name)\" is no behavior")
        }
        let pattern = try step.fields("pattern")
        let regex: String
        if let given = try pattern?.string("Regex") {
            regex = given
        } else if let literal = try pattern?.string("String") {
            regex = GeneralPattern.escaped(literal)
        } else {
            throw step.failure("pattern", "a string or a regular expression is expected")
        }
        do {
            return PatternSplit(
                pattern: try GeneralPattern(regex), behavior: behavior,
                isInverted: try step.bool("invert") ?? false)
        } catch {
            throw error.inFile(step.file)
        }
    }
}
