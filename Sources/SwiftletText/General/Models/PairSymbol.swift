/// A symbol of a word that is being merged: a token and the number of bytes that it covers.
struct PairSymbol: BitwiseCopyable {
    var id: Int32
    /// 0 once the symbol has been merged into one before it.
    var length: Int
    /// The positions of the neighbours in the list of symbols; -1 is none.
    var previous = -1
    var next = -1
    /// The rank of the pair that it forms with the next symbol, and the token that they become.
    var rank = MergeTable.noRank
    var result: Int32 = -1

    init(id: Int32, length: Int) {
        self.id = id
        self.length = length
    }

    /// Links each symbol with its neighbours.
    static func link(_ symbols: inout [PairSymbol]) {
        for index in symbols.indices {
            symbols[index].previous = index - 1
            symbols[index].next = index + 1 < symbols.count ? index + 1 : -1
        }
    }

    /// Merges a few symbols: repeatedly the pair of lowest rank, and of equal ranks the leftmost.
    ///
    /// All pairs are looked at before each merge, which for so few is faster than a queue.
    static func mergeFew(_ symbols: UnsafeMutableBufferPointer<PairSymbol>, _ merges: MergeTable) {
        guard symbols.count > 1 else { return }
        func look(_ index: Int) {
            let next = symbols[index].next
            (symbols[index].rank, symbols[index].result) =
                next < 0
                ? (MergeTable.noRank, -1) : merges.lookUp(symbols[index].id, symbols[next].id)
        }
        for index in symbols.indices { look(index) }
        while true {
            var best = 0
            var index = 0
            while index >= 0 {
                if symbols[index].rank < symbols[best].rank { best = index }
                index = symbols[index].next
            }
            guard symbols[best].rank != MergeTable.noRank else { return }
            join(symbols, best, into: symbols[best].result)
            if symbols[best].previous >= 0 { look(symbols[best].previous) }
            look(best)
        }
    }

    /// Merges with a heap of ranks and positions.
    ///
    /// As in the reference, what was found for a position counts for as long as the pair there makes
    /// the same token, even if it is another pair, which `results` makes possible.
    ///
    /// - Parameters:
    ///   - symbols: The symbols, fewer than 2³².
    ///   - merges: The merges.
    ///   - results: The token that the merge of each rank makes; nil if none of a word's pairs ever
    ///     makes the same token as one that was there before.
    static func merge(
        _ symbols: UnsafeMutableBufferPointer<PairSymbol>, _ merges: MergeTable,
        _ results: FixedBuffer<Int32>?
    ) {
        var heap = MinimumHeap()
        func push(_ position: Int) {
            let next = symbols[position].next
            guard next >= 0 else { return }
            let rank = merges.lookUp(symbols[position].id, symbols[next].id).rank
            if rank != MergeTable.noRank { heap.push(UInt64(rank) << 32 | UInt64(position)) }
        }
        for position in symbols.indices { push(position) }
        while let entry = heap.pop() {
            let position = Int(entry & 0xFFFF_FFFF)
            let next = symbols[position].next
            guard symbols[position].length > 0, next >= 0 else { continue }
            let found = merges.lookUp(symbols[position].id, symbols[next].id)
            guard found.rank != MergeTable.noRank else { continue }
            if let results {
                // In bounds: the rank is that of a merge.
                guard results.start[Int(entry >> 32)] == found.result else { continue }
            } else {
                guard UInt64(found.rank) == entry >> 32 else { continue }
            }
            join(symbols, position, into: found.result)
            if symbols[position].previous >= 0 { push(symbols[position].previous) }
            push(position)
        }
    }

    /// Merges the symbol at `position` with the next one, which must exist.
    private static func join(
        _ symbols: UnsafeMutableBufferPointer<PairSymbol>, _ position: Int, into result: Int32
    ) {
        let gone = symbols[position].next
        let after = symbols[gone].next
        symbols[position].id = result
        symbols[position].length += symbols[gone].length
        symbols[position].next = after
        symbols[gone].length = 0
        if after >= 0 { symbols[after].previous = position }
    }
}
