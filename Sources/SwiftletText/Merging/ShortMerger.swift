/// Merges a few symbols by scanning all pairs for the lowest rank before each merge, which for so
/// few is faster than any queue.
final class ShortMerger {
    /// The largest number of symbols.
    static let capacity = 48

    /// The symbols, which the caller writes.
    let ids = FixedBuffer<Int32>(repeating: 0, count: capacity + 1)
    /// For each symbol the rank of its merge with the next one, and the result.
    private let ranks = FixedBuffer<UInt32>(repeating: 0, count: capacity + 1)
    private let results = FixedBuffer<Int32>(repeating: 0, count: capacity + 1)

    /// Merges the first `symbols` symbols, at most ``capacity``, in place and returns the number
    /// that remain.
    ///
    /// Every index below is less than `symbols`; the buffers have one element more than
    /// ``capacity``.
    func merge(_ symbols: Int, _ merges: MergeTable) -> Int {
        let ids = self.ids.start
        let ranks = self.ranks.start
        let results = self.results.start
        var count = symbols
        func look(_ index: Int) {
            let merge = merges.lookUp(ids[index], ids[index + 1])
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
