/// Merges the bytes of one word: again and again the pair of lowest rank, the leftmost first.
///
/// Words of up to ``shortLimit`` bytes, which are nearly all, are scanned for the lowest rank after
/// each merge; longer ones go to ``LongWordMerger``.
final class WordMerger {
    static let shortLimit = 48

    /// The symbols of the word; for each the rank of its merge with the next one, and what they make.
    private let ids = FixedBuffer<Int32>(repeating: 0, count: shortLimit + 1)
    private let ranks = FixedBuffer<UInt32>(repeating: 0, count: shortLimit + 1)
    private let results = FixedBuffer<Int32>(repeating: 0, count: shortLimit + 1)
    private var long = LongWordMerger()

    /// Appends the ids of `word` to `out`.
    func merge(
        _ word: UnsafeBufferPointer<UInt8>, _ model: BytePairModel, into out: IDBuffer
    ) {
        if model.ignoresMerges, let id = model.vocabulary.id(of: word) {
            out.append(id)
            return
        }
        guard word.count <= Self.shortLimit else {
            long.merge(word, model, into: out)
            return
        }
        out.append(ids.start, count: mergeShort(word, model))
    }

    /// Merges in place and returns how many symbols are left. Every index below stays under
    /// word.count <= shortLimit, the buffers' size less one.
    private func mergeShort(
        _ word: UnsafeBufferPointer<UInt8>, _ model: BytePairModel
    ) -> Int {
        let ids = self.ids.start
        let ranks = self.ranks.start
        let results = self.results.start
        var count = word.count
        for index in 0..<count { ids[index] = model.byteIDs.start[Int(word[index])] }
        func look(_ index: Int) {
            let merge = model.merges.lookUp(ids[index], ids[index + 1])
            ranks[index] = merge.rank
            results[index] = merge.result
        }
        for index in 0..<max(count - 1, 0) { look(index) }
        while count > 1 {
            var best = 0
            for index in 1..<max(count - 1, 1) where ranks[index] < ranks[best] { best = index }
            guard ranks[best] != MergeTable.noRank else { break }
            ids[best] = results[best]
            for index in best + 1..<count - 1 {
                ids[index] = ids[index + 1]
                ranks[index] = ranks[index + 1]
                results[index] = results[index + 1]
            }
            count -= 1
            if best > 0 { look(best - 1) }
            if best < count - 1 { look(best) }
        }
        return count
    }
}
