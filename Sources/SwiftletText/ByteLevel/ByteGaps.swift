/// What a byte-level model does with bytes that have no token.
///
/// A word with such a byte is spelled in the byte alphabet and goes through the general path, which
/// knows what the reference does with characters that are not in the vocabulary.
final class ByteGaps: Sendable {
    private let pairs: GeneralPairModel
    private let isMissing: FixedBuffer<Bool>

    /// The gaps of a model; nil if it has none that text can meet, or if its vocabulary cannot be
    /// spelled.
    ///
    /// - Parameters:
    ///   - vocabulary: The tokens, as the bytes they stand for.
    ///   - merges: The merges.
    ///   - byteIDs: The id of each byte's token, or -1.
    ///   - options: The options of the model, without a prefix and a suffix.
    init?(
        _ vocabulary: Vocabulary, _ merges: MergeTable, byteIDs: [Int32],
        _ options: GeneralPairModel.Options
    ) {
        let isMissing = (UInt8.min...UInt8.max).map {
            byteIDs[Int($0)] < 0 && !BytePairModel.neverInText($0)
        }
        guard isMissing.contains(true) else { return nil }
        self.isMissing = FixedBuffer(isMissing, padding: false)
        let list = VocabularyList()
        for id in 0..<vocabulary.count {
            guard let token = vocabulary.token(of: id) else { continue }
            guard !token.isVerbatim else {
                list.add(token.bytes, id: id)
                continue
            }
            ByteAlphabet.spelling(of: token.bytes).withUnsafeBufferPointer { list.add($0, id: id) }
        }
        guard let spelled = try? Vocabulary(list) else { return nil }
        pairs = GeneralPairModel(spelled, merges, options)
    }

    /// The token that bytes without one become; nil if they are dropped.
    var unknown: Int32? { pairs.unknown }

    /// Whether a text has a byte without a token.
    @inline(__always)
    func occur(in text: UnsafeBufferPointer<UInt8>) -> Bool {
        // In bounds: the table has an entry for each byte.
        let isMissing = self.isMissing.start
        return text.contains { isMissing[Int($0)] }
    }

    /// Appends the tokens of a word, each with its range of bytes.
    func append(
        _ word: UnsafeBufferPointer<UInt8>, to tokens: inout [(id: Int32, range: Range<Int>)]
    ) {
        // For each byte of the spelling, the byte of the word that it belongs to.
        var sources: [Int] = []
        var spelling: [UInt8] = []
        for (index, byte) in word.enumerated() {
            spelling += ByteAlphabet.spelling(of: CollectionOfOne(byte))
            while sources.count < spelling.count { sources.append(index) }
        }
        let first = tokens.count
        // Nothing is refused: the unknown token, if there is one, is in the vocabulary.
        spelling.withUnsafeBufferPointer { try? pairs.append($0, to: &tokens) }
        for index in first..<tokens.count where !tokens[index].range.isEmpty {
            let range = tokens[index].range
            tokens[index].range =
                sources[range.lowerBound]..<sources[range.upperBound - 1] + 1
        }
    }
}
