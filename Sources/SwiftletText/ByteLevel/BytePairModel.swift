/// A byte-level BPE: vocabulary, merges, and what encoding and decoding need of both in flat form.
final class BytePairModel: Sendable {
    let vocabulary: Vocabulary
    let merges: MergeTable
    /// The id of each byte's token; -1 for the bytes that UTF-8 never has, where there is none.
    let byteIDs: FixedBuffer<Int32>
    /// Whether a word that is a token as a whole is that token, merges or not (`ignore_merges`).
    let ignoresMerges: Bool

    /// Bytes that no UTF-8 text contains.
    static func neverInText(_ byte: UInt8) -> Bool { byte == 0xC0 || byte == 0xC1 || byte >= 0xF5 }

    /// A model.
    ///
    /// - Parameters:
    ///   - vocabulary: tokens as the bytes that they stand for.
    ///   - byteIDs: the id of each of the 256 bytes, -1 only where ``neverInText(_:)``.
    init(vocabulary: Vocabulary, merges: MergeTable, byteIDs: [Int32], ignoresMerges: Bool) {
        self.vocabulary = vocabulary
        self.merges = merges
        self.byteIDs = FixedBuffer(byteIDs, padding: -1)
        self.ignoresMerges = ignoresMerges
    }
}
