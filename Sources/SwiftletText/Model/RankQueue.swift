/// Merges by rank: one list of waiting pairs for each rank, the ranks worked off in order.
///
/// Right only where merges are monotone: then no merge makes a pair of a rank that is already done.
/// All lists are empty between words, so nothing is cleared.
final class RankQueue {
    /// The first pair of each rank; -1: none.
    private let heads: FixedBuffer<Int32>
    /// One bit a rank: whether its list has pairs.
    private let waiting: FixedBuffer<UInt64>
    /// The pairs of the rank in work.
    private var pairs: [Int32] = []

    init(ranks: Int) {
        heads = FixedBuffer(repeating: -1, count: ranks)
        waiting = FixedBuffer(repeating: 0, count: ranks / 64 + 1)
    }

    /// Merges a word. Ranks come from `merges`, which has as many as the queue.
    func merge(_ list: SymbolList, _ merges: MergeTable) {
        let symbols = list.symbols
        // From the back, so that each list begins in ascending order.
        for position in stride(from: list.count - 2, through: 0, by: -1) {
            wait(position, symbols, merges)
        }
        for word in 0..<waiting.count {
            while waiting.start[word] != 0 {
                let rank = word * 64 + waiting.start[word].trailingZeroBitCount
                takeAll(rank, symbols)
                mergeAll(rank, list, merges)
            }
        }
        if pairs.capacity > 1 << 16 { pairs = [] }
    }

    /// Puts the pair at `position` into its rank's list, if it merges.
    @inline(__always)
    private func wait(
        _ position: Int, _ symbols: UnsafeMutablePointer<SymbolList.Symbol>, _ merges: MergeTable
    ) {
        let after = symbols[position].next
        guard after >= 0 else {
            symbols[position].rank = MergeTable.noRank
            return
        }
        let rank = merges.lookUp(symbols[position].id, symbols[Int(after)].id).rank
        symbols[position].rank = rank
        guard rank != MergeTable.noRank else { return }
        let head = heads.start[Int(rank)]
        symbols[position].waitNext = head
        symbols[position].waitPrevious = -1
        if head >= 0 { symbols[Int(head)].waitPrevious = Int32(truncatingIfNeeded: position) }
        heads.start[Int(rank)] = Int32(truncatingIfNeeded: position)
        waiting.start[Int(rank / 64)] |= 1 &<< UInt64(rank % 64)
    }

    /// Takes the pair at `position` out of its list, if it is in one.
    @inline(__always)
    private func forget(
        _ position: Int, _ symbols: UnsafeMutablePointer<SymbolList.Symbol>
    ) {
        let symbol = symbols[position]
        guard symbol.rank != MergeTable.noRank else { return }
        symbols[position].rank = MergeTable.noRank
        if symbol.waitNext >= 0 {
            symbols[Int(symbol.waitNext)].waitPrevious = symbol.waitPrevious
        }
        if symbol.waitPrevious >= 0 {
            symbols[Int(symbol.waitPrevious)].waitNext = symbol.waitNext
        } else {
            heads.start[Int(symbol.rank)] = symbol.waitNext
            if symbol.waitNext < 0 {
                waiting.start[Int(symbol.rank / 64)] &= ~(1 &<< UInt64(symbol.rank % 64))
            }
        }
    }

    /// Empties a rank's list into `pairs`, in ascending order.
    private func takeAll(_ rank: Int, _ symbols: UnsafeMutablePointer<SymbolList.Symbol>) {
        pairs.removeAll(keepingCapacity: true)
        var position = heads.start[rank]
        var last: Int32 = -1
        var ascending = true
        while position >= 0 {
            if last > position { ascending = false }
            last = position
            pairs.append(position)
            symbols[Int(position)].rank = MergeTable.noRank
            position = symbols[Int(position)].waitNext
        }
        heads.start[rank] = -1
        waiting.start[rank / 64] &= ~(1 &<< UInt64(rank % 64))
        if !ascending { pairs.sort() }
    }

    /// Merges the pairs of one rank from left to right; a pair whose first symbol went into the
    /// merge before it (`aaa`) is passed over.
    private func mergeAll(_ rank: Int, _ list: SymbolList, _ merges: MergeTable) {
        let symbols = list.symbols
        for pair in pairs {
            let position = Int(pair)
            guard symbols[position].id >= 0, symbols[position].next >= 0 else { continue }
            let gone = Int(symbols[position].next)
            let merge = merges.lookUp(symbols[position].id, symbols[gone].id)
            guard merge.rank == UInt32(truncatingIfNeeded: rank) else { continue }
            forget(position, symbols)
            forget(gone, symbols)
            list.join(position, into: merge.result)
            wait(position, symbols, merges)
            let before = symbols[position].previous
            if before >= 0 {
                forget(Int(before), symbols)
                wait(Int(before), symbols, merges)
            }
        }
    }
}
