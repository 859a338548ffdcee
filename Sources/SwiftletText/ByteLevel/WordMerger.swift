/// Merges the bytes of a word: repeatedly the pair of lowest rank, and of equal ranks the leftmost.
///
/// Short words, nearly all there are, go to ``ShortMerger``, longer ones to ``LongWordMerger``.
final class WordMerger {
    private let short = ShortMerger()
    private var long = LongWordMerger()

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
        // In bounds: no more symbols than the merger takes.
        for index in 0..<word.count {
            short.ids.start[index] = model.byteIDs.start[Int(word[index])]
        }
        out.append(short.ids.start, count: short.merge(word.count, model.merges))
    }
}
