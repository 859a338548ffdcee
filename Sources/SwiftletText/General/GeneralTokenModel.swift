import SwiftletBytes

/// A tokenizer that goes through the general path: a normalizer, a pre-tokenizer, and a model that
/// segments one word at a time.
final class GeneralTokenModel: TokenModel {
    let words: any WordModel
    let normalizer: GeneralNormalizer?
    let preTokenizer: GeneralPreTokenizer?
    private let decoder: GeneralDecoder

    /// Creates a model of the given parts.
    init(
        _ words: any WordModel, normalizer: GeneralNormalizer?, preTokenizer: GeneralPreTokenizer?,
        decoder: GeneralDecoder
    ) {
        self.words = words
        self.normalizer = normalizer
        self.preTokenizer = preTokenizer
        self.decoder = decoder
    }

    var tokenCount: Int { words.vocabulary.tokenCount }
    var idCount: Int { words.vocabulary.count }
    var unknown: Int32? { words.unknown }
    var joining: TokenJoining { decoder.joining }

    func id(of spelling: [UInt8]) -> Int32? { words.vocabulary.id(of: spelling) }

    func spelling(of id: Int) -> [UInt8]? { words.vocabulary.spelling(of: id) }

    func append(bytesOf id: Int, to bytes: inout [UInt8]) -> Bool {
        guard let spelling = words.vocabulary.spelling(of: id) else { return false }
        append(bytesOfAdded: spelling, to: &bytes)
        return true
    }

    func append(bytesOfAdded content: [UInt8], to bytes: inout [UInt8]) {
        if decoder.isByteLevel, ByteAlphabet.append(bytesOf: content[...], to: &bytes) { return }
        bytes.append(contentsOf: content)
    }

    var notes: [String] {
        let ofPatterns = (normalizer?.notes ?? []) + (preTokenizer?.notes ?? [])
        return ofPatterns.asFewNotes + words.vocabulary.notes.asFewNotes
    }

    func makeEncoder() -> any StretchEncoder { GeneralEncoder(self) }
}

extension GeneralTokenModel {
    /// Reads the model of a `tokenizer.json`.
    ///
    /// - Parameters:
    ///   - reader: Positioned at the value of the file's key `model`.
    ///   - fields: The other keys of the file.
    ///   - file: The file's path.
    /// - Throws: The errors of reading the model, and of features that are not supported.
    convenience init(
        _ reader: inout JSONReader, _ fields: JSONFields, file: String
    ) throws(SwiftletError) {
        // Whatever is unsupported is refused before megabytes of vocabulary are read.
        var normalizer: GeneralNormalizer?
        if let step = try fields.fields("normalizer") { normalizer = try GeneralNormalizer(step) }
        var preTokenizer: GeneralPreTokenizer?
        if let step = try fields.fields("pre_tokenizer") {
            preTokenizer = try GeneralPreTokenizer(step)
        }
        let decoder = try GeneralDecoder(fields)
        self.init(
            try GeneralModelFile.read(&reader, file: file), normalizer: normalizer,
            preTokenizer: preTokenizer, decoder: decoder)
    }
}

extension GeneralTokenModel {
    /// Reads `vocab.json` and `merges.txt`, which have the steps of their class.
    ///
    /// - Parameters:
    ///   - vocab: The path of `vocab.json`.
    ///   - merges: The path of `merges.txt`.
    ///   - kind: The class.
    ///   - addsPrefixSpace: Whether a space is put before a text.
    /// - Throws: The errors of the two files.
    convenience init(
        vocab: String, merges: String, _ kind: ByteLevelClass, addsPrefixSpace: Bool
    ) throws(SwiftletError) {
        let tables = try VocabMerges.tables(vocab: vocab, merges: merges, isByteLevel: false)
        func fields(_ json: String) throws(SwiftletError) -> JSONFields {
            try JSONFields(tokenizer: JSONValue.parse(ByteView(Array(json.utf8))), file: nil)
        }
        self.init(
            GeneralPairModel(tables.vocabulary, tables.merges, GeneralPairModel.Options()),
            normalizer: kind.normalization == .none
                ? nil : try GeneralNormalizer(fields(#"{"type": "NFC"}"#)),
            preTokenizer: try GeneralPreTokenizer(
                fields(kind.steps(addsPrefixSpace: addsPrefixSpace))),
            decoder: try GeneralDecoder(
                fields("{\"decoder\": \(ByteLevelClass.byteLevel(false, usesPattern: true))}")))
    }
}
