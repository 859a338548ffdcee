import SwiftletBytes

/// What a `tokenizer.json` says, checked to be what Swiftlet does.
///
/// Top-level keys are read one after the other, whatever their order; the model's vocabulary and
/// merges are never a tree.
struct TokenizerFile {
    var model: BytePairModel
    var addedTokens: [(id: Int32, token: AddedToken)] = []
    var preTokenizer: PreTokenizer
    var addsPrefixSpace: Bool
    /// The ids that the post-processor puts before and after a text.
    var template = Template()

    /// The ids around a text.
    struct Template {
        var before: [Int32] = []
        var after: [Int32] = []
    }

    /// Reads the file at `path`.
    static func read(path: String) throws(SwiftletError) -> TokenizerFile {
        var reader = JSONReader(try MappedFile(path: path).bytes, file: path)
        var small = JSONObject()
        var model: BytePairModel?
        guard try reader.peek() == .object else {
            throw SwiftletError(.tokenizerKey, file: path, "an object is expected")
        }
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "model":
                guard model == nil else {
                    throw SwiftletError(
                        .tokenizerKey, file: path, "the key stands twice", at: "key \"model\"")
                }
                model = try TokenizerFileModel.read(&reader, file: path)
            case "version", "truncation", "padding":
                // Truncation and padding are done when a caller asks for them, not by the file.
                try reader.skipValue()
            case "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder":
                let value = try JSONValue(&reader)
                small.append(key, value)
                // What is refused is refused before megabytes of vocabulary are read.
                let read = try JSONFields(.object(small), file: path, path: "")
                if key == "normalizer" { try checkNormalizer(read) }
                if key == "pre_tokenizer" { _ = try preTokenizer(read) }
            default:
                throw SwiftletError(
                    .tokenizerUnsupported, file: path, "an unknown key", at: "key \"\(key)\"")
            }
        }
        try reader.finish()
        let fields = try JSONFields(.object(small), file: path, path: "")
        try checkNormalizer(fields)
        let (preTokenizer, addsPrefixSpace) = try Self.preTokenizer(fields)
        try checkDecoder(fields)
        guard let model else { throw fields.failure("model", "the key is missing") }
        var file = TokenizerFile(
            model: model, preTokenizer: preTokenizer, addsPrefixSpace: addsPrefixSpace)
        for token in try fields.list("added_tokens") {
            guard let id = token["id"]?.int.flatMap({ Int32(exactly: $0) }), id >= 0 else {
                throw token.failure("id", "a whole number from 0 is expected")
            }
            file.addedTokens.append((id, try AddedToken(token, special: false)))
        }
        if let processor = try fields.fields("post_processor") {
            try file.template.read(processor)
        }
        return file
    }

    private static func type(_ fields: JSONFields) throws(SwiftletError) -> String {
        guard let type = try fields.string("type") else {
            throw fields.failure("type", "the key is missing")
        }
        return type
    }

    private static func checkNormalizer(_ fields: JSONFields) throws(SwiftletError) {
        guard let normalizer = try fields.fields("normalizer") else { return }
        let type = try type(normalizer)
        guard type == "Sequence", try normalizer.array("normalizers").isEmpty else {
            throw fields.unsupported("normalizer", type)
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

extension TokenizerFile.Template {
    /// Reads a post-processor: ByteLevel changes no ids, TemplateProcessing puts ids around them.
    fileprivate mutating func read(_ processor: JSONFields) throws(SwiftletError) {
        switch try processor.string("type") {
        case "ByteLevel": break
        case "Sequence":
            for step in try processor.list("processors") { try read(step) }
        case "TemplateProcessing": try readTemplate(processor)
        case let type:
            throw processor.unsupported("type", type ?? "a post-processor without a type")
        }
    }

    private mutating func readTemplate(_ processor: JSONFields) throws(SwiftletError) {
        let known = try processor.fields("special_tokens")
        var front: [Int32] = []
        var back: [Int32] = []
        var seen = false
        for item in try processor.list("single") {
            if let sequence = try item.fields("Sequence") {
                guard !seen, try sequence.string("id") == "A" else {
                    throw processor.unsupported("single", "a template of more than one text")
                }
                seen = true
                continue
            }
            guard let name = try item.fields("SpecialToken")?.string("id"),
                let token = try known?.fields(name)
            else { throw processor.failure("single", "a special token without an entry") }
            for value in try token.array("ids") {
                guard let id = value.int.flatMap({ Int32(exactly: $0) }), id >= 0 else {
                    throw token.failure("ids", "whole numbers from 0 are expected")
                }
                if seen { back.append(id) } else { front.append(id) }
            }
        }
        guard seen else { throw processor.unsupported("single", "a template without a text") }
        before = front + before
        after += back
    }
}
