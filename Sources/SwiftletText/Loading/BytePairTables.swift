import SwiftletBytes

/// Vocabulary and merges as the files list them, before they are known to be of one kind or another.
struct BytePairTables {
    var vocabulary: Vocabulary
    var merges: MergeList
    /// The other keys of the model of a `tokenizer.json`: `unk_token`, `byte_fallback`, …
    var settings: JSONFields?
}

extension BytePairModel {
    /// A byte-level model: looks up the bytes and the merges.
    ///
    /// - Throws: ``SwiftletError/Code/tokenizerMerge`` for a merge of unknown tokens,
    ///   ``SwiftletError/Code/tokenizerUnsupported`` for a byte without a token.
    init(_ tables: BytePairTables, file: String) throws(SwiftletError) {
        let vocabulary = tables.vocabulary
        let merges = try tables.merges.resolve(vocabulary)
        var byteIDs = [Int32](repeating: -1, count: 256)
        for byte in UInt8.min...UInt8.max {
            let spelling = ByteAlphabet.spelling(of: byte)
            if let id = vocabulary.id(of: spelling[...]) {
                byteIDs[Int(byte)] = id
            } else if !BytePairModel.neverInText(byte) {
                // Hugging Face would drop such bytes from the text, or make them the unknown token.
                throw SwiftletError(
                    .tokenizerUnsupported, file: file,
                    "a vocabulary without a token for every byte is not supported",
                    at: "byte \(byte), \"\(String(decoding: spelling, as: UTF8.self))\"")
            }
        }
        self.init(
            vocabulary: vocabulary, merges: merges, byteIDs: byteIDs,
            ignoresMerges: try tables.settings?.bool("ignore_merges") ?? false)
    }
}
