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
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerUnsupported`` for a byte without a token.
    convenience init(_ tables: BytePairTables, file: String) throws(SwiftletError) {
        self.init(
            vocabulary: tables.vocabulary, merges: MergeTable(tables.merges),
            byteIDs: try Self.byteIDs(tables.vocabulary, file),
            ignoresMerges: try tables.settings?.bool("ignore_merges") ?? false)
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
        self.init(
            vocabulary: vocabulary,
            merges: MergeTable(rankedByResult: merges, idCount: vocabulary.count),
            byteIDs: try Self.byteIDs(vocabulary, file), ignoresMerges: true)
    }

    private static func byteIDs(
        _ vocabulary: Vocabulary, _ file: String
    ) throws(SwiftletError) -> [Int32] {
        var byteIDs = [Int32](repeating: -1, count: 256)
        for byte in UInt8.min...UInt8.max {
            if let id = vocabulary.id(of: [byte]) {
                byteIDs[Int(byte)] = id
            } else if !BytePairModel.neverInText(byte) {
                // Hugging Face drops such bytes from the text, or turns them into the unknown
                // token.
                let spelling = String(decoding: ByteAlphabet.spelling(of: [byte]), as: UTF8.self)
                throw SwiftletError(
                    .tokenizerUnsupported, file: file,
                    "a vocabulary without a token for every byte is not supported",
                    at: "byte \(byte), \"\(spelling)\"")
            }
        }
        return byteIDs
    }
}
