import SwiftletBytes

/// Reads the parts of a `tokenizer.json` that make up a byte-level model: normalizer, pre-tokenizer
/// and decoder.
///
/// Each is checked to be one that Swiftlet supports.
enum ByteLevelFile {
    /// Reads the model.
    ///
    /// - Parameters:
    ///   - reader: Positioned at the value of the file's key `model`.
    ///   - fields: The other keys of the file.
    ///   - config: The content of the files beside it.
    ///   - file: The file's path.
    /// - Returns: The model.
    /// - Throws: The errors of reading the model, and of features that are not supported.
    static func model(
        _ reader: inout JSONReader, _ fields: JSONFields, _ config: TokenizerConfig, file: String
    ) throws(SwiftletError) -> ByteLevelModel {
        // Whatever is unsupported is refused before megabytes of vocabulary are read.
        _ = try normalization(fields)
        var words = try words(fields)
        try checkDecoder(fields)
        // These classes take the prefix space from the configuration, whatever the file says.
        if config.byteLevelClass == .gpt2 || config.byteLevelClass == .gptNeoX {
            words.addsPrefixSpace = config.addsPrefixSpace ?? false
        }
        guard words.splits.isEmpty || !words.addsPrefixSpace else {
            throw fields.unsupported("pre_tokenizer", "a space inserted before every word")
        }
        let tables = try TokenizerFileModel.read(&reader, isByteLevel: true, file: file)
        return ByteLevelModel(
            try BytePairModel(tables, file: file), splits: words.splits, words.preTokenizer,
            addsPrefixSpace: words.addsPrefixSpace)
    }

    private static func type(_ fields: JSONFields) throws(SwiftletError) -> String {
        guard let type = try fields.string("type") else {
            throw fields.unsupported("type", "a step without a type")
        }
        return type
    }

    /// NFC between tokens, or none.
    static func normalization(_ fields: JSONFields) throws(SwiftletError) -> NormalizationStage {
        guard let normalizer = try fields.fields("normalizer") else { return .none }
        return try isNFC(normalizer) ? .betweenTokens : .none
    }

    private static func isNFC(_ normalizer: JSONFields) throws(SwiftletError) -> Bool {
        switch try type(normalizer) {
        case "NFC": return true
        case "Sequence":
            var found = false
            for step in try normalizer.required("normalizers", normalizer.list)
            where try isNFC(step) {
                found = true
            }
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
        try decoder.checkByteLevel()
    }

    /// How text is split into words.
    private struct Words {
        var splits: [SplitStep] = []
        var preTokenizer: PreTokenizer
        var addsPrefixSpace: Bool
    }

    /// Reads the pre-tokenizer: ByteLevel, alone or after splits.
    private static func words(_ fields: JSONFields) throws(SwiftletError) -> Words {
        guard let outer = try fields.fields("pre_tokenizer") else {
            throw fields.unsupported("pre_tokenizer", "a tokenizer without a pre-tokenizer")
        }
        var steps = try type(outer) == "Sequence" ? try outer.list("pretokenizers") ?? [] : [outer]
        guard let last = steps.popLast(), try type(last) == "ByteLevel" else {
            throw fields.unsupported(
                "pre_tokenizer", "a pre-tokenizer that does not end in ByteLevel")
        }
        try last.checkByteLevel()
        let prefix = try last.required("add_prefix_space", last.bool)
        guard steps.isEmpty || !prefix else {
            throw last.unsupported("add_prefix_space", "a space inserted before every word")
        }
        let regex = try last.bool("use_regex") ?? true
        var words = Words(preTokenizer: regex ? .gpt2 : .whole, addsPrefixSpace: prefix)
        if !steps.isEmpty, let known = try scanner(steps, usesPattern: regex) {
            words.preTokenizer = known
        } else {
            for step in steps {
                guard let split = try SplitStep(step) else {
                    throw step.unsupported("type", try type(step))
                }
                words.splits.append(split)
            }
        }
        return words
    }

    /// The scanner that is equivalent to the steps before ByteLevel; nil if there is none.
    private static func scanner(
        _ steps: [JSONFields], usesPattern: Bool
    ) throws(SwiftletError) -> PreTokenizer? {
        var known: [ScannerRecognition.Step] = []
        for step in steps {
            if try type(step) == "Digits" {
                known.append(
                    .digits(areSeparate: try step.required("individual_digits", step.bool)))
                continue
            }
            guard try type(step) == "Split", try step.string("behavior") == "Isolated",
                try !step.required("invert", step.bool),
                let pattern = try step.fields("pattern"), pattern.object.pairs.count == 1,
                let regex = try pattern.string("Regex")
            else { return nil }
            known.append(.pattern(regex))
        }
        return ScannerRecognition.scanner(known, usesPattern: usesPattern)
    }
}
