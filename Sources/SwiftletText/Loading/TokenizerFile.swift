import SwiftletBytes

/// The content of a `tokenizer.json`, all of which Swiftlet supports.
///
/// Top-level keys are read in whatever order they come, and the model's vocabulary and merges
/// without building a tree.
struct TokenizerFile {
    var model: any TokenModel
    var normalization: NormalizationStage
    var addedTokens: [(id: Int32, token: AddedToken)] = []
    /// The ids that the post-processor adds around a text.
    var template = Template()

    /// The ids before and after a text.
    struct Template {
        var before: [Int32] = []
        var after: [Int32] = []
    }

    /// Reads the file at `path`.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - config: The content of the files beside it.
    /// - Returns: The file's content.
    /// - Throws: The errors of reading the file, and of features that are not supported.
    static func read(path: String, _ config: TokenizerConfig) throws(SwiftletError) -> TokenizerFile
    {
        var reader = JSONReader(
            try MappedFile.json(path: path), file: path, allowsNonFinite: true)
        var small = JSONObject()
        // How to read the model depends on other keys. tokenizers writes them before the model; if
        // they come after it, its place is remembered.
        var place: JSONReader?
        var model: (any TokenModel)?
        guard try reader.peek() == .object else {
            throw SwiftletError(.tokenizerKey, file: path, "expected an object")
        }
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "model":
                guard place == nil else {
                    throw SwiftletError(
                        .tokenizerKey, file: path, "duplicate key", at: "key \"model\"")
                }
                place = reader
                guard small["pre_tokenizer"] != nil, small["decoder"] != nil,
                    small["normalizer"] != nil
                else {
                    try reader.skipValue()
                    continue
                }
                let known = try JSONFields(tokenizer: .object(small), file: path)
                model = try Self.model(&reader, known, config, file: path)
            case "version", "truncation", "padding":
                // A caller asks for truncation and padding; the file does not apply them.
                try reader.skipValue()
            case "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder":
                small.append(key, try JSONValue(&reader))
            default:
                throw SwiftletError(
                    .tokenizerUnsupported, file: path, "unknown key", at: "key \"\(key)\"")
            }
        }
        try reader.finish()
        let fields = try JSONFields(tokenizer: .object(small), file: path)
        if model == nil, var place { model = try Self.model(&place, fields, config, file: path) }
        guard let model else { throw fields.failure("model", "missing key") }
        var file = TokenizerFile(
            model: model,
            normalization: model is SentencePieceModel
                ? .none : try ByteLevelFile.normalization(fields))
        for token in try fields.list("added_tokens") ?? [] {
            let id = try token.required("id") { (key) throws(SwiftletError) in
                try token.read(key, as: "an integer from 0", \.nonNegativeInt32)
            }
            let added = try AddedToken(token, special: false)
            if model is SentencePieceModel, added.normalized, fields["normalizer"] != nil {
                throw token.unsupported("normalized", "a token that is matched in normalized text")
            }
            file.addedTokens.append((id, added))
        }
        if let processor = try fields.fields("post_processor") {
            try file.template.read(processor)
        }
        return file
    }

    /// Reads the model, whose kind follows from the other keys.
    private static func model(
        _ reader: inout JSONReader, _ fields: JSONFields, _ config: TokenizerConfig, file: String
    ) throws(SwiftletError) -> any TokenModel {
        try TokenizerFileModel.checkKind(reader, file: file)
        return try SentencePieceJSON.describes(fields)
            ? try SentencePieceJSON.model(&reader, fields, file: file)
            : try ByteLevelFile.model(&reader, fields, config, file: file)
    }
}

extension TokenizerFile.Template {
    /// Reads a post-processor: ByteLevel changes no ids, TemplateProcessing adds ids around them.
    fileprivate mutating func read(_ processor: JSONFields) throws(SwiftletError) {
        switch try processor.string("type") {
        case "ByteLevel": break
        case "Sequence":
            for step in try processor.list("processors") ?? [] { try read(step) }
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
        for item in try processor.list("single") ?? [] {
            if let sequence = try item.fields("Sequence") {
                guard !seen, try sequence.string("id") == "A" else {
                    throw processor.unsupported("single", "a template of more than one text")
                }
                seen = true
                continue
            }
            guard let name = try item.fields("SpecialToken")?.string("id"),
                let token = try known?.fields(name)
            else {
                throw processor.failure(
                    "single", "a special token without an entry in special_tokens")
            }
            let ids =
                try token.elements("ids", as: "an integer from 0", \.nonNegativeInt32) ?? []
            if seen { back += ids } else { front += ids }
        }
        guard seen else { throw processor.unsupported("single", "a template without a text") }
        before = front + before
        after += back
    }
}
