import SwiftletBytes

/// Reads the value of a `tokenizer.json`'s key `model` for the general path: BPE with all of its
/// options, or Unigram.
struct GeneralModelFile {
    private let file: String
    private var type: String?
    private var vocabulary: Vocabulary?
    private var scores: [Double]?
    private var merges: GrowingBuffer<Merge>?
    /// Where the merges are, if they come before what they depend on.
    private var early: JSONReader?
    private var rest = JSONObject()

    private init(_ file: String) { self.file = file }

    /// Reads the object that comes next.
    ///
    /// - Parameters:
    ///   - reader: Positioned at the object.
    ///   - file: The file, for errors.
    /// - Returns: The model.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerUnsupported`` for other models and for
    ///   options that make ids random, and the errors of the vocabulary and the merges.
    static func read(
        _ reader: inout JSONReader, file: String
    ) throws(SwiftletError) -> any WordModel {
        var model = GeneralModelFile(file)
        guard try reader.peek() == .object else { throw model.failure("model", "an object") }
        try reader.beginObject()
        while let key = try reader.nextKey() { try model.read(key, &reader) }
        let fields = try JSONFields(tokenizer: .object(model.rest), file: file, path: "model")
        if var early = model.early {
            model.merges = try model.merges(&early, prefix: fields.string(Self.prefixKey) ?? "")
        }
        guard let vocabulary = model.vocabulary else {
            throw model.failure("model.vocab", "an object or a list of tokens with their scores")
        }
        if let scores = model.scores {
            guard model.type == "Unigram" || model.type == nil else {
                throw model.failure("model.vocab", "an object")
            }
            return try unigram(vocabulary, scores, fields)
        }
        guard model.type == "BPE" || model.type == nil else {
            throw model.failure("model.vocab", "a list of tokens with their scores")
        }
        guard let merges = model.merges else { throw model.failure("model.merges", "an array") }
        return try pairs(vocabulary, merges, fields)
    }

    private static let prefixKey = "continuing_subword_prefix"

    private mutating func read(
        _ key: String, _ reader: inout JSONReader
    ) throws(SwiftletError) {
        switch key {
        case "type":
            let value = try JSONValue(&reader)
            guard let name = value.string, ["BPE", "Unigram"].contains(name) else {
                throw SwiftletError(
                    .tokenizerUnsupported, file: file,
                    "the model \(value.text()) is not supported", at: "key \"model.type\"")
            }
            type = name
        case "vocab":
            guard vocabulary == nil else { throw twice("model.vocab") }
            if try reader.peek() == .array {
                let list = try ScoredVocabulary.read(&reader, file: file)
                (vocabulary, scores) = (list.vocabulary, list.scores)
            } else if try reader.peek() == .object {
                vocabulary = try VocabularyReader.read(
                    &reader, isByteLevel: false, sharesIDs: true, file: file)
            } else {
                throw failure("model.vocab", "an object or a list of tokens with their scores")
            }
        case "merges":
            guard merges == nil, early == nil else { throw twice("model.merges") }
            if vocabulary != nil, let prefix = rest[Self.prefixKey] {
                merges = try merges(&reader, prefix: prefix.string ?? "")
            } else {
                early = reader
                try reader.skipValue()
            }
        default: rest.append(key, try JSONValue(&reader))
        }
    }

    private func failure(_ key: String, _ what: String) -> SwiftletError {
        SwiftletError(.tokenizerKey, file: file, "expected \(what)", at: "key \"\(key)\"")
    }

    private func twice(_ key: String) -> SwiftletError {
        SwiftletError(.tokenizerKey, file: file, "duplicate key", at: "key \"\(key)\"")
    }

    private func merges(
        _ reader: inout JSONReader, prefix: String
    ) throws(SwiftletError) -> GrowingBuffer<Merge>? {
        guard let vocabulary else { return nil }
        return try TokenizerFileModel.readMerges(
            &reader, vocabulary, isByteLevel: false, prefixLength: prefix.utf8.count, file: file)
    }

    // MARK: Models

    private static func pairs(
        _ vocabulary: Vocabulary, _ merges: GrowingBuffer<Merge>, _ fields: JSONFields
    ) throws(SwiftletError) -> GeneralPairModel {
        var options = GeneralPairModel.Options()
        if let token = try fields.string("unk_token") {
            options.unknown =
                vocabulary.id(of: Array(token.utf8)).map { .token($0) } ?? .missing(token)
        }
        options.fusesUnknown = try fields.bool("fuse_unk") ?? false
        options.fallsBackToBytes = try fields.bool("byte_fallback") ?? false
        options.ignoresMerges = try fields.bool("ignore_merges") ?? false
        options.prefix = Array((try fields.string(prefixKey) ?? "").utf8)
        options.suffix = Array((try fields.string("end_of_word_suffix") ?? "").utf8)
        switch fields["dropout"] {
        case .null, nil: break
        case .number(let number) where number.double == 0: break
        case .number(let number) where number.double == 1:
            // No merge is ever made.
            options.ignoresMerges = false
            return GeneralPairModel(vocabulary, GrowingBuffer(), options)
        case .number(let number) where (0...1).contains(number.double):
            guard merges.count > 0 else {
                options.ignoresMerges = false
                break
            }
            throw fields.unsupported("dropout", "\(number.text), which makes ids random,")
        case .some(let value):
            throw fields.failure("dropout", "\(value.text()) is not a number from 0 to 1")
        }
        return GeneralPairModel(vocabulary, merges, options)
    }

    private static func unigram(
        _ vocabulary: Vocabulary, _ scores: [Double], _ fields: JSONFields
    ) throws(SwiftletError) -> UnigramModel {
        let unknown = try fields.read("unk_id", as: "an integer from 0", \.nonNegativeInt32)
        if let unknown, Int(unknown) >= scores.count {
            throw fields.failure(
                "unk_id", "\(unknown) is not below the number of tokens, \(scores.count)")
        }
        let model = UnigramModel(
            vocabulary, scores: scores, unknown: unknown,
            fallsBackToBytes: try fields.unlessMissing("byte_fallback", fields.bool) ?? false)
        guard let model else {
            throw fields.unsupported("vocab", "a vocabulary of more than two gigabytes")
        }
        return model
    }
}

/// The vocabulary of a Unigram model: `[["token", score], …]`, in the order of the ids.
private struct ScoredVocabulary {
    var vocabulary: Vocabulary
    var scores: [Double]

    /// Reads the list that comes next.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerVocabulary`` for an entry that is not a
    ///   token with its score, and for a duplicate token.
    static func read(
        _ reader: inout JSONReader, file: String
    ) throws(SwiftletError) -> ScoredVocabulary {
        let list = VocabularyList()
        var scores: [Double] = []
        var token: [UInt8] = []
        func failure(_ reason: String) -> SwiftletError {
            SwiftletError(
                .tokenizerVocabulary, file: file, reason, at: "model.vocab \(scores.count)")
        }
        try reader.beginArray()
        while try reader.nextElement() {
            guard try reader.peek() == .array else { throw failure("expected a list") }
            try reader.beginArray()
            guard try reader.nextElement(), try reader.peek() == .string else {
                throw failure("expected a token")
            }
            try reader.readString(into: &token)
            guard try reader.nextElement(), try reader.peek() == .number else {
                throw failure("expected the score of a token")
            }
            let number = try reader.readNumber()
            guard number.double.isFinite, let score = ScoreText.double(number.text) else {
                throw failure("the score \(number.text) is not a finite number")
            }
            guard try !reader.nextElement() else {
                throw failure("expected a token and its score, and nothing else")
            }
            token.withUnsafeBufferPointer {
                list.add($0, isVerbatim: false, id: scores.count)
            }
            scores.append(score)
        }
        do throws(Vocabulary.Refusal) {
            return ScoredVocabulary(vocabulary: try Vocabulary(list), scores: scores)
        } catch {
            let spelling = String(decoding: list.token(error.entry), as: UTF8.self)
            throw SwiftletError(
                .tokenizerVocabulary, file: file, error.text(tokenCount: list.count),
                at: "token \"\(spelling)\"")
        }
    }
}
