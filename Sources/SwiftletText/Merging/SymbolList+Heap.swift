extension SymbolList {
    /// Merges with a heap of ranks and positions; the first symbol is at position 0.
    ///
    /// This is slower than ``RankQueue``, but finds pairs in the same order as SentencePiece.
    ///
    /// - Parameters:
    ///   - merges: The merges.
    ///   - found: Called with each pair that could merge, in the order in which pairs are found.
    func mergeByHeap(_ merges: MergeTable, found: (Merge) -> Void) {
        var heap = MinimumHeap()
        func push(_ position: Int) {
            let after = symbols[position].next
            symbols[position].rank = MergeTable.noRank
            guard after >= 0 else { return }
            let (left, right) = (symbols[position].id, symbols[Int(after)].id)
            let (rank, result) = merges.lookUp(left, right)
            symbols[position].rank = rank
            guard rank != MergeTable.noRank else { return }
            heap.push(UInt64(rank) << 32 | UInt64(position))
            found(Merge(left: left, right: right, result: result))
        }
        var first = count > 0 ? 0 : -1
        while first >= 0 {
            push(first)
            first = Int(symbols[first].next)
        }
        while let entry = heap.pop() {
            let position = Int(entry & 0xFFFF_FFFF)
            // A pair that changed since it was pushed has a different rank now, or none.
            guard symbols[position].id >= 0, UInt64(symbols[position].rank) == entry >> 32 else {
                continue
            }
            let gone = Int(symbols[position].next)
            let result = merges.lookUp(symbols[position].id, symbols[gone].id).result
            symbols[gone].rank = MergeTable.noRank
            join(position, into: result)
            let before = symbols[position].previous
            if before >= 0 { push(Int(before)) }
            push(position)
        }
    }
}
