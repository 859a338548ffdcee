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
    func merge(_ symbols: Int, _ merges: MergeTable) -> Int {
        // In bounds, as below.
        for index in 0..<max(symbols - 1, 0) { look(index, merges) }
        return mergePairs(symbols, merges)
    }

    /// Sets what the symbol at `index`, below ``capacity``, and the next one become.
    @inline(__always)
    func setPair(_ index: Int, rank: UInt32, result: Int32) {
        ranks.start[index] = rank
        results.start[index] = result
    }

    @inline(__always)
    private func look(_ index: Int, _ merges: MergeTable) {
        let merge = merges.lookUp(ids.start[index], ids.start[index &+ 1])
        setPair(index, rank: merge.rank, result: merge.result)
    }

    /// Merges the first `symbols` symbols, whose pairs are all set, in place and returns the number
    /// that remain.
    ///
    /// Every index below is less than `symbols`; the buffers have one element more than
    /// ``capacity``.
    func mergePairs(_ symbols: Int, _ merges: MergeTable) -> Int {
        let ids = self.ids.start
        let ranks = self.ranks.start
        let results = self.results.start
        var count = symbols
        while count > 1 {
            // The lowest rank, and of equal ones the leftmost, without a branch that depends on the
            // ranks.
            var lowest = UInt64.max
            for index in 0..<count &- 1 {
                lowest = min(lowest, UInt64(ranks[index]) &<< 8 | UInt64(index))
            }
            guard lowest &>> 8 != UInt64(MergeTable.noRank) else { break }
            let best = Int(lowest & 0xFF)
            ids[best] = results[best]
            for index in best &+ 1..<count &- 1 {
                ids[index] = ids[index &+ 1]
                ranks[index] = ranks[index &+ 1]
                results[index] = results[index &+ 1]
            }
            count &-= 1
            if best > 0 { look(best &- 1, merges) }
            if best < count &- 1 { look(best, merges) }
        }
        return count
    }
}
