import SwiftletBytes

/// The content of a `tokenizer.json`, all of which Swiftlet supports.
///
/// Top-level keys are read in whatever order they come, and the model's vocabulary and merges
/// without building a tree.
struct TokenizerFile {
    var model: any TokenModel
    var normalization: NormalizationStage
    var addedTokens: [(id: Int, token: AddedToken)] = []
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
        try read(try MappedFile.json(path: path), file: path, config)
    }

    /// Reads the bytes of a file.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - path: The file to name in errors.
    ///   - config: The content of the files beside it.
    /// - Returns: The file's content.
    /// - Throws: The errors of reading the file, and of features that are not supported.
    static func read(
        _ bytes: ByteView, file path: String, _ config: TokenizerConfig
    ) throws(SwiftletError) -> TokenizerFile {
        var reader = JSONReader(bytes, file: path, allowsNonFinite: true)
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
                    small["normalizer"] != nil, small["added_tokens"] != nil
                else {
                    try reader.skipValue()
                    continue
                }
                let known = try JSONFields(tokenizer: .object(small), file: path)
                model = try Self.model(&reader, known, config, file: path)
            case "version":
                let version = try JSONValue(&reader)
                guard version == .string("1.0") else {
                    throw SwiftletError(
                        .tokenizerUnsupported, file: path,
                        "the version \(version.excerpt) is not supported", at: "key \"version\"")
                }
            case "truncation", "padding":
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
            normalization: model is ByteLevelModel
                ? try ByteLevelFile.normalization(fields) : .none)
        for token in try fields.unlessMissing("added_tokens", fields.list) ?? [] {
            let id = try token.required("id") { (key) throws(SwiftletError) in
                try token.read(key, as: "an integer from 0 to 4294967295") { value in
                    value.int.flatMap { UInt32(exactly: $0) }.map { Int($0) }
                }
            }
            let added = try AddedToken(listed: token)
            file.addedTokens.append((id, added))
        }
        if let processor = try fields.fields("post_processor") {
            file.template = try PostProcessor(processor).template
        }
        return file
    }

    /// Reads the model: one of the kinds that have encoders of their own if the file fits it, else
    /// the general path.
    private static func model(
        _ reader: inout JSONReader, _ fields: JSONFields, _ config: TokenizerConfig, file: String
    ) throws(SwiftletError) -> any TokenModel {
        let place = reader
        do {
            try TokenizerFileModel.checkKind(reader, file: file)
            guard try SentencePieceJSON.describes(fields) else {
                return try ByteLevelFile.model(&reader, fields, config, file: file)
            }
            guard try !matchesNormalizedText(fields) else {
                return try GeneralTokenModel(&reader, fields, file: file)
            }
            return try SentencePieceJSON.model(&reader, fields, file: file)
        } catch {
            // A merge may be in order where tokens have a prefix.
            guard error.code == .tokenizerUnsupported || error.code == .tokenizerMerge else {
                throw error
            }
            reader = place
            return try GeneralTokenModel(&reader, fields, file: file)
        }
    }

    /// Whether added tokens are matched in text that a normalizer has changed.
    private static func matchesNormalizedText(_ fields: JSONFields) throws(SwiftletError) -> Bool {
        guard fields["normalizer"] != nil else { return false }
        for token in try fields.list("added_tokens") ?? []
        where try AddedToken(listed: token).normalized {
            return true
        }
        return false
    }
}
