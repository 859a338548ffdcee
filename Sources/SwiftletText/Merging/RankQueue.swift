/// Merges by rank: one list of waiting pairs for each rank, the lowest rank first, and of one rank
/// the leftmost.
///
/// Where merges are as training leaves them, a merge only makes pairs of later ranks, and ranks are
/// worked off in order, each list in the order of the text. A merge that makes a pair of a lower rank
/// puts that before what is in work; one that makes a pair of the rank in work adds it to a heap
/// beside the list. All lists are empty between words, so nothing is cleared.
final class RankQueue {
    /// The first pair of each rank; -1: none.
    private let heads: FixedBuffer<Int32>
    /// One bit a rank: whether its list has pairs. Above it, one bit for each 64 of these.
    private let waiting: FixedBuffer<UInt64>
    private let summary: FixedBuffer<UInt64>

    /// The pairs of a rank in work.
    private struct Work {
        let rank: Int
        /// Those that were waiting when work began, in the order of the text, from `next` on.
        var pairs: [Int32]
        var next = 0
        /// Those that came later.
        var late = MinimumHeap()

        init(rank: Int, pairs: [Int32]) {
            self.rank = rank
            self.pairs = pairs
        }

        /// Takes the leftmost pair out.
        mutating func pop() -> Int? {
            let first = next < pairs.count ? UInt64(pairs[next]) : .max
            if let late = late.first, late < first {
                _ = self.late.pop()
                return Int(late)
            }
            guard next < pairs.count else { return nil }
            next += 1
            return Int(first)
        }
    }

    init(ranks: Int) {
        heads = FixedBuffer(repeating: -1, count: ranks)
        waiting = FixedBuffer(repeating: 0, count: ranks / 64 + 1)
        summary = FixedBuffer(repeating: 0, count: ranks / 4096 + 1)
    }

    /// Merges a word. Ranks come from `merges`, which has as many as the queue.
    func merge(_ list: SymbolList, _ merges: MergeTable) {
        let symbols = list.symbols
        // From the back, so that each list begins in ascending order.
        var position = list.last
        while position >= 0 {
            wait(Int(position), symbols, merges)
            position = symbols[Int(position)].previous
        }
        // The ranks in work, the lowest last.
        var inWork: [Work] = []
        // The lowest rank that waits, if it is not above that in work.
        var lowest = lowestWaiting()
        // Memory of work that is done, for the next.
        var spare: [Int32] = []
        while true {
            guard let last = inWork.indices.last, inWork[last].rank <= lowest else {
                guard lowest != .max else { return }
                takeAll(lowest, symbols, into: &spare)
                inWork.append(Work(rank: lowest, pairs: spare))
                spare = []
                lowest = .max
                continue
            }
            let rank = inWork[last].rank
            if lowest == rank {
                takeAll(rank, symbols, into: &spare)
                for pair in spare { inWork[last].late.push(UInt64(pair)) }
                lowest = .max
            }
            while lowest > rank {
                guard let position = inWork[last].pop() else {
                    spare = inWork.removeLast().pairs
                    lowest = lowestWaiting()
                    break
                }
                lowest = merge(position, rank: rank, list, merges)
            }
        }
    }

    /// The lowest rank of a pair that waits; `Int.max` if there is none.
    private func lowestWaiting() -> Int {
        // In bounds: every index comes from a bit that `wait` set.
        for index in 0..<summary.count where summary.start[index] != 0 {
            let word = index * 64 + summary.start[index].trailingZeroBitCount
            return word * 64 + waiting.start[word].trailingZeroBitCount
        }
        return .max
    }

    /// Puts the pair at `position` into its rank's list and returns the rank; `Int.max` if it does
    /// not merge.
    @inline(__always)
    @discardableResult
    private func wait(
        _ position: Int, _ symbols: UnsafeMutablePointer<SymbolList.Symbol>, _ merges: MergeTable
    ) -> Int {
        let after = symbols[position].next
        guard after >= 0 else {
            symbols[position].rank = MergeTable.noRank
            return .max
        }
        let rank = merges.lookUp(symbols[position].id, symbols[Int(after)].id).rank
        symbols[position].rank = rank
        guard rank != MergeTable.noRank else { return .max }
        let head = heads.start[Int(rank)]
        symbols[position].waitNext = head
        symbols[position].waitPrevious = -1
        if head >= 0 { symbols[Int(head)].waitPrevious = Int32(truncatingIfNeeded: position) }
        heads.start[Int(rank)] = Int32(truncatingIfNeeded: position)
        waiting.start[Int(rank / 64)] |= 1 &<< UInt64(rank % 64)
        summary.start[Int(rank / 4096)] |= 1 &<< UInt64(rank / 64 % 64)
        return Int(rank)
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
            if symbol.waitNext < 0 { clear(Int(symbol.rank)) }
        }
    }

    private func clear(_ rank: Int) {
        waiting.start[rank / 64] &= ~(1 &<< UInt64(rank % 64))
        if waiting.start[rank / 64] == 0 {
            summary.start[rank / 4096] &= ~(1 &<< UInt64(rank / 64 % 64))
        }
    }

    /// Empties a rank's list into `pairs`, in ascending order.
    private func takeAll(
        _ rank: Int, _ symbols: UnsafeMutablePointer<SymbolList.Symbol>, into pairs: inout [Int32]
    ) {
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
        clear(rank)
        if !ascending { pairs.sort() }
    }

    /// Merges the pair at `position`, unless it changed since it was taken out of its list; returns
    /// the lowest rank of the pairs that this makes, `Int.max` if there are none.
    @inline(__always)
    private func merge(
        _ position: Int, rank: Int, _ list: SymbolList, _ merges: MergeTable
    ) -> Int {
        let symbols = list.symbols
        guard symbols[position].id >= 0, symbols[position].next >= 0 else { return .max }
        let gone = Int(symbols[position].next)
        let merge = merges.lookUp(symbols[position].id, symbols[gone].id)
        guard merge.rank == UInt32(truncatingIfNeeded: rank) else { return .max }
        forget(position, symbols)
        forget(gone, symbols)
        list.join(position, into: merge.result)
        let right = wait(position, symbols, merges)
        let before = Int(symbols[position].previous)
        guard before >= 0 else { return right }
        forget(before, symbols)
        return min(right, wait(before, symbols, merges))
    }
}
