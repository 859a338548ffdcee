import SwiftletBytes

/// A vocabulary and its merges as read from files.
struct BytePairTables {
    var vocabulary: Vocabulary
    var merges: GrowingBuffer<Merge>
    /// The other keys of a `tokenizer.json`'s model: `unk_token`, `byte_fallback` and others.
    var settings: JSONFields?
}

extension BytePairModel {
    /// Creates a byte-level model with ranked merges.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerUnsupported`` for a byte without a token
    ///   where such a byte becomes the tokens of its spelling, or an unknown token that is missing.
    convenience init(_ tables: BytePairTables, file: String) throws(SwiftletError) {
        let vocabulary = tables.vocabulary
        let merges = MergeTable(tables.merges)
        let byteIDs = Self.byteIDs(vocabulary)
        var options = GeneralPairModel.Options()
        if let settings = tables.settings { options = try Self.options(settings, vocabulary) }
        let gaps = ByteGaps(vocabulary, merges, byteIDs: byteIDs, options)
        if gaps == nil || options.fallsBackToBytes || options.unknown.isMissing {
            try Self.checkBytes(byteIDs, file)
        }
        self.init(
            vocabulary: vocabulary, merges: merges, byteIDs: byteIDs,
            ignoresMerges: options.ignoresMerges, gaps: gaps)
    }

    private static func options(
        _ settings: JSONFields, _ vocabulary: Vocabulary
    ) throws(SwiftletError) -> GeneralPairModel.Options {
        var options = GeneralPairModel.Options()
        if let token = try settings.string("unk_token") {
            let id = ByteAlphabet.id(of: Array(token.utf8), in: vocabulary)
            options.unknown = id.map { .token($0) } ?? .missing(token)
        }
        options.fusesUnknown = try settings.bool("fuse_unk") ?? false
        options.fallsBackToBytes = try settings.bool("byte_fallback") ?? false
        options.ignoresMerges = try settings.bool("ignore_merges") ?? false
        return options
    }

    /// Creates a model like tiktoken's.
    ///
    /// - Parameters:
    ///   - vocabulary: The tokens.
    ///   - merges: Every pair of tokens that makes a token.
    ///   - file: The file, for errors.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerUnsupported`` for a byte without a token.
    convenience init(
        _ vocabulary: Vocabulary, _ merges: GrowingBuffer<Merge>, file: String
    ) throws(SwiftletError) {
        let byteIDs = Self.byteIDs(vocabulary)
        try Self.checkBytes(byteIDs, file)
        self.init(
            vocabulary: vocabulary,
            merges: MergeTable(rankedByResult: merges, idCount: vocabulary.count),
            byteIDs: byteIDs, ignoresMerges: true)
    }

    /// The id of each byte's token; -1 for those without one.
    private static func byteIDs(_ vocabulary: Vocabulary) -> [Int32] {
        (UInt8.min...UInt8.max).map { vocabulary.id(of: [$0]) ?? -1 }
    }

    private static func checkBytes(_ byteIDs: [Int32], _ file: String) throws(SwiftletError) {
        for byte in UInt8.min...UInt8.max
        where byteIDs[Int(byte)] < 0 && !BytePairModel.neverInText(byte) {
            let spelling = String(decoding: ByteAlphabet.spelling(of: [byte]), as: UTF8.self)
            throw SwiftletError(
                .tokenizerUnsupported, file: file,
                "a vocabulary without a token for every byte is not supported here",
                at: "byte \(byte), \"\(spelling)\"")
        }
    }
}
