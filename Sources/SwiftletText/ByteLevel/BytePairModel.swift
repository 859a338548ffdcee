/// A byte-level BPE: vocabulary and merges in the flat form that encoding and decoding need.
final class BytePairModel: Sendable {
    let vocabulary: Vocabulary
    let merges: MergeTable
    /// The id of each byte's token; -1 for bytes without one, which never occur in UTF-8 or are
    /// ``gaps``.
    let byteIDs: FixedBuffer<Int32>
    /// Whether a word that is itself a token becomes that token, whatever the merges
    /// (`ignore_merges`).
    let ignoresMerges: Bool
    /// What becomes of bytes without a token that text can have; nil if there are none.
    let gaps: ByteGaps?

    /// Whether UTF-8 text never contains a byte.
    static func neverInText(_ byte: UInt8) -> Bool { byte == 0xC0 || byte == 0xC1 || byte >= 0xF5 }

    /// Creates a model.
    ///
    /// - Parameters:
    ///   - vocabulary: The tokens, as the bytes they stand for.
    ///   - merges: The merges.
    ///   - byteIDs: The id of each of the 256 bytes; -1 only where ``neverInText(_:)``, or where
    ///     there are ``gaps``.
    ///   - ignoresMerges: See ``ignoresMerges``.
    ///   - gaps: See ``gaps``.
    init(
        vocabulary: Vocabulary, merges: MergeTable, byteIDs: [Int32], ignoresMerges: Bool,
        gaps: ByteGaps? = nil
    ) {
        self.gaps = gaps
        self.vocabulary = vocabulary
        self.merges = merges
        self.byteIDs = FixedBuffer(byteIDs, padding: -1)
        self.ignoresMerges = ignoresMerges
    }
}
