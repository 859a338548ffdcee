/// Merges the pairs of a word by rank: the lowest rank first, and of equal ranks the leftmost pair.
///
/// Each rank has a list of the pairs that wait for it. If merges are in the order in which training
/// produces them, a merge only creates pairs of higher ranks. The ranks are then worked off in
/// order, each list once and from left to right. (Pairs are added at the front of a list, so those
/// that merges create from left to right end up in reverse; ``takeAll(_:_:into:)`` sorts them.)
///
/// For example, take the merges `t h` (rank 0), `th e` (1) and `a t` (2), and the word `thethat`. A
/// pair is named by the position of its first symbol:
///
/// ```
/// position   0  1  2  3  4  5  6
/// symbols    t  h  e  t  h  a  t     lists: rank 0 [0, 3], rank 2 [5]
///
/// rank 0, pair 0:  th e t h a t      th e is a pair of rank 1: rank 1 [0], rank 2 [5]
/// rank 0, pair 3:  th e th a t       e th and th a do not merge: no change
/// rank 1, pair 0:  the th a t        the th does not merge: rank 2 [5]
/// rank 2, pair 5:  the th at         th at does not merge: all lists are empty
/// ```
///
/// A merge removes the pairs that share a symbol with it from their lists. Those that were already
/// taken out of their list are skipped when their turn comes: in `aaa` with the merge `a a`, pairs
/// 0 and 1 are taken out together, and merging pair 0 uses up symbol 1.
///
/// Merges in another order create pairs that do not come later:
///
/// * A pair of a lower rank is worked off first; the current rank is put aside until then.
/// * A pair of the current rank goes to the heap ``Work/late``, and its turn comes by its position.
///   SentencePiece's pieces of equal score share a rank: with `ab` and `abc` both of rank 0, the
///   word `abcab` starts with the list [0, 3]. Merging pair 0 makes `ab c ab`, whose pair 0, `ab`
///   `c`, is of rank 0 again. It is left of pair 3, so `abc` is merged first, and then `ab` at 3.
///
/// All lists are empty between words, so nothing has to be cleared.
final class RankQueue {
    /// The first pair of each rank's list; -1 if the list is empty.
    private let heads: FixedBuffer<Int32>
    /// One bit per rank, set if its list is not empty; `summary` has one bit per word of `waiting`.
    private let waiting: FixedBuffer<UInt64>
    private let summary: FixedBuffer<UInt64>

    /// The pairs of a rank that is being worked off.
    private struct Work {
        let rank: Int
        /// The pairs that were waiting when work began, from left to right; those before `next` are
        /// done.
        var pairs: [Int32]
        var next = 0
        /// The pairs of the same rank that were created since.
        var late = MinimumHeap()

        init(rank: Int, pairs: [Int32]) {
            self.rank = rank
            self.pairs = pairs
        }

        /// Removes and returns the leftmost pair.
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

    /// Merges the symbols of a word.
    ///
    /// The queue has as many ranks as `merges`.
    func merge(_ list: SymbolList, _ merges: MergeTable) {
        let symbols = list.symbols
        // From right to left, so that each list starts out in ascending order.
        var position = list.last
        while position >= 0 {
            enqueue(Int(position), symbols, merges)
            position = symbols[Int(position)].previous
        }
        // The ranks that were begun, the lowest last.
        var inWork: [Work] = []
        // The lowest rank that has waiting pairs, if it is not above the current rank.
        var lowest = lowestWaiting()
        // The memory of a finished list, for the next one.
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

    /// The lowest rank that has waiting pairs; `Int.max` if there is none.
    private func lowestWaiting() -> Int {
        // In bounds: every index comes from a bit that `enqueue` set.
        for index in 0..<summary.count where summary.start[index] != 0 {
            let word = index * 64 + summary.start[index].trailingZeroBitCount
            return word * 64 + waiting.start[word].trailingZeroBitCount
        }
        return .max
    }

    /// Adds the pair at `position` to the list of its rank and returns the rank; `Int.max` if the
    /// two symbols do not merge.
    @inline(__always)
    @discardableResult
    private func enqueue(
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

    /// Removes the pair at `position` from its list, if it is in one.
    @inline(__always)
    private func remove(
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

    /// Moves a rank's list into `pairs`, in ascending order.
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

    /// Merges the pair at `position`, unless it changed since it was taken out of its list.
    ///
    /// - Returns: The lowest rank of the pairs that this creates; `Int.max` if there are none.
    @inline(__always)
    private func merge(
        _ position: Int, rank: Int, _ list: SymbolList, _ merges: MergeTable
    ) -> Int {
        let symbols = list.symbols
        guard symbols[position].id >= 0, symbols[position].next >= 0 else { return .max }
        let gone = Int(symbols[position].next)
        let merge = merges.lookUp(symbols[position].id, symbols[gone].id)
        guard merge.rank == UInt32(truncatingIfNeeded: rank) else { return .max }
        remove(position, symbols)
        remove(gone, symbols)
        list.join(position, into: merge.result)
        let right = enqueue(position, symbols, merges)
        let before = Int(symbols[position].previous)
        guard before >= 0 else { return right }
        remove(before, symbols)
        return min(right, enqueue(before, symbols, merges))
    }
}
