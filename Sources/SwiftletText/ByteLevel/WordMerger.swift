/// Merges the bytes of a word: repeatedly the pair of lowest rank, and of equal ranks the leftmost.
///
/// Short words, nearly all there are, go to ``ShortMerger``, longer ones to ``LongWordMerger``.
final class WordMerger {
    private let short = ShortMerger()
    private var long = LongWordMerger()
    /// What two bytes become, once they have been looked up: the rank of their merge and, in the low
    /// half, the result; 0 if that is not known, or is just that.
    ///
    /// Half of the lookups for a new word are of pairs of bytes. In the table of all merges, nearly
    /// each of them has to wait for memory.
    private let bytePairs = FixedBuffer<UInt64>(repeating: 0, count: 1 << 16)

    /// Appends the ids of `word` to `out`.
    func merge(
        _ word: UnsafeBufferPointer<UInt8>, _ model: BytePairModel, into out: IDBuffer
    ) {
        if model.ignoresMerges, let id = model.vocabulary.id(of: word) {
            out.append(id)
            return
        }
        if let gaps = model.gaps, gaps.occur(in: word) {
            var tokens: [(id: Int32, range: Range<Int>)] = []
            gaps.append(word, to: &tokens)
            for token in tokens { out.append(token.id) }
            return
        }
        guard word.count <= ShortMerger.capacity else {
            long.merge(word, model.merges) { symbols, part in
                symbols.fill(part, model.byteIDs)
            } _: { id, _ in
                out.append(id)
            }
            return
        }
        // In bounds: no more symbols than the merger takes, and an entry for each pair of bytes.
        var previous = 0
        for index in 0..<word.count {
            let byte = Int(word[index])
            short.ids.start[index] = model.byteIDs.start[byte]
            if index > 0 {
                var pair = bytePairs.start[previous &<< 8 | byte]
                if pair == 0 {
                    let merge = model.merges.lookUp(
                        model.byteIDs.start[previous], model.byteIDs.start[byte])
                    pair = UInt64(merge.rank) &<< 32 | UInt64(UInt32(bitPattern: merge.result))
                    bytePairs.start[previous &<< 8 | byte] = pair
                }
                short.setPair(
                    index &- 1, rank: UInt32(truncatingIfNeeded: pair &>> 32),
                    result: Int32(truncatingIfNeeded: pair))
            }
            previous = byte
        }
        out.append(short.ids.start, count: short.mergePairs(word.count, model.merges))
    }
}
