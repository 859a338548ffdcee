/// Merges a long word, in time linear in its length for merges as training leaves them and
/// n log n for any others.
///
/// The symbols are a doubly linked list over the word's bytes. Where merges are monotone
/// (``MergeTable/isMonotone``), pairs wait in one list per rank and the ranks are worked off in
/// order; elsewhere they wait in a heap.
struct LongWordMerger {
    /// Per byte of the word: the symbol that begins there, its neighbours, and the rank and result
    /// of its merge with the next one.
    private var ids: [Int32] = []
    private var next: [Int32] = []
    private var previous: [Int32] = []
    private var ranks: [UInt32] = []

    /// The pairs of each rank, as doubly linked lists over positions; used by monotone merges.
    private var heads: [Int32] = []
    private var waitNext: [Int32] = []
    private var waitPrevious: [Int32] = []
    /// One bit a rank: whether its list has pairs.
    private var waiting: [UInt64] = []

    /// Words are cut here, so that positions fit 32 bits; nothing but a word of more than a
    /// gigabyte is affected.
    private static let cut = 1 << 30

    /// Appends the ids of `word` to `out`.
    mutating func merge(
        _ word: UnsafeBufferPointer<UInt8>, _ model: borrowing BytePairModel, into out: IDBuffer
    ) {
        var start = 0
        while start < word.count {
            let end = min(start + Self.cut, word.count)
            begin(UnsafeBufferPointer(rebasing: word[start..<end]), model)
            if model.merges.isMonotone { mergeByRank(model) } else { mergeByHeap(model) }
            var position: Int32 = 0
            while position >= 0 {
                out.append(ids[Int(position)])
                position = next[Int(position)]
            }
            start = end
        }
        // What one huge word needed is not kept for the small ones.
        if ids.capacity > 1 << 16 { self = LongWordMerger() }
    }

    private mutating func begin(
        _ word: UnsafeBufferPointer<UInt8>, _ model: borrowing BytePairModel
    ) {
        let count = word.count
        ids.removeAll(keepingCapacity: true)
        ids.reserveCapacity(count)
        for byte in word { ids.append(model.byteIDs.start[Int(byte)]) }
        next = (0..<count).map { $0 + 1 < count ? Int32($0 + 1) : -1 }
        previous = (0..<count).map { Int32($0 - 1) }
        ranks = [UInt32](repeating: MergeTable.noRank, count: count)
    }

    /// Joins the symbol at `position` with the next one into `result`.
    private mutating func join(_ position: Int, into result: Int32) {
        let gone = Int(next[position])
        let after = next[gone]
        ids[position] = result
        ids[gone] = -1
        next[position] = after
        if after >= 0 { previous[Int(after)] = Int32(truncatingIfNeeded: position) }
    }

    // MARK: Rank by rank

    private mutating func mergeByRank(_ model: borrowing BytePairModel) {
        let count = ids.count
        if heads.count < model.merges.rankCount {
            heads = [Int32](repeating: -1, count: model.merges.rankCount)
            waiting = [UInt64](repeating: 0, count: model.merges.rankCount / 64 + 1)
        }
        waitNext = [Int32](repeating: -1, count: count)
        waitPrevious = [Int32](repeating: -1, count: count)
        // From the back, so that each list begins in ascending order.
        for position in stride(from: count - 2, through: 0, by: -1) { wait(position, model) }
        var pairs: [Int32] = []
        for word in waiting.indices {
            while waiting[word] != 0 {
                let rank = word * 64 + waiting[word].trailingZeroBitCount
                takeAll(rank, into: &pairs)
                mergeAll(pairs, rank, model)
            }
        }
    }

    /// Puts the pair at `position` into its rank's list, if it merges.
    private mutating func wait(_ position: Int, _ model: borrowing BytePairModel) {
        let after = next[position]
        guard after >= 0 else {
            ranks[position] = MergeTable.noRank
            return
        }
        let rank = model.merges.lookUp(ids[position], ids[Int(after)]).rank
        ranks[position] = rank
        guard rank != MergeTable.noRank else { return }
        let head = heads[Int(rank)]
        waitNext[position] = head
        waitPrevious[position] = -1
        if head >= 0 { waitPrevious[Int(head)] = Int32(truncatingIfNeeded: position) }
        heads[Int(rank)] = Int32(truncatingIfNeeded: position)
        waiting[Int(rank / 64)] |= 1 << UInt64(rank % 64)
    }

    /// Takes the pair at `position` out of its list, if it is in one.
    private mutating func forget(_ position: Int) {
        let rank = ranks[position]
        guard rank != MergeTable.noRank else { return }
        ranks[position] = MergeTable.noRank
        let before = waitPrevious[position]
        let after = waitNext[position]
        if after >= 0 { waitPrevious[Int(after)] = before }
        if before >= 0 {
            waitNext[Int(before)] = after
        } else {
            heads[Int(rank)] = after
            if after < 0 { waiting[Int(rank / 64)] &= ~(1 << UInt64(rank % 64)) }
        }
    }

    /// Empties a rank's list into `pairs`, in ascending order.
    private mutating func takeAll(_ rank: Int, into pairs: inout [Int32]) {
        pairs.removeAll(keepingCapacity: true)
        var position = heads[rank]
        var ascending = true
        while position >= 0 {
            if let last = pairs.last, last > position { ascending = false }
            pairs.append(position)
            ranks[Int(position)] = MergeTable.noRank
            position = waitNext[Int(position)]
        }
        heads[rank] = -1
        waiting[rank / 64] &= ~(1 << UInt64(rank % 64))
        if !ascending { pairs.sort() }
    }

    /// Merges the pairs of one rank from left to right; a pair whose first symbol went into the
    /// merge before it (`aaa`) is passed over.
    private mutating func mergeAll(_ pairs: [Int32], _ rank: Int, _ model: borrowing BytePairModel)
    {
        for pair in pairs {
            let position = Int(pair)
            guard ids[position] >= 0, next[position] >= 0 else { continue }
            let gone = Int(next[position])
            let merge = model.merges.lookUp(ids[position], ids[gone])
            guard merge.rank == UInt32(truncatingIfNeeded: rank) else { continue }
            forget(position)
            forget(gone)
            join(position, into: merge.result)
            wait(position, model)
            if previous[position] >= 0 {
                let before = Int(previous[position])
                forget(before)
                wait(before, model)
            }
        }
    }

    // MARK: By heap

    private mutating func mergeByHeap(_ model: borrowing BytePairModel) {
        var heap = MinimumHeap()
        func push(_ position: Int, _ merger: inout LongWordMerger, _ heap: inout MinimumHeap) {
            let after = merger.next[position]
            merger.ranks[position] = MergeTable.noRank
            guard after >= 0 else { return }
            let rank = model.merges.lookUp(merger.ids[position], merger.ids[Int(after)]).rank
            merger.ranks[position] = rank
            guard rank != MergeTable.noRank else { return }
            heap.push(UInt64(rank) << 32 | UInt64(position))
        }
        for position in ids.indices { push(position, &self, &heap) }
        while let entry = heap.pop() {
            let position = Int(entry & 0xFFFF_FFFF)
            // A pair that changed since it was pushed has another rank now, or none.
            guard ids[position] >= 0, UInt64(ranks[position]) == entry >> 32 else { continue }
            let gone = Int(next[position])
            let result = model.merges.lookUp(ids[position], ids[gone]).result
            ranks[gone] = MergeTable.noRank
            join(position, into: result)
            push(position, &self, &heap)
            if previous[position] >= 0 { push(Int(previous[position]), &self, &heap) }
        }
    }
}

/// A binary heap of numbers, the lowest first.
struct MinimumHeap {
    private var values: [UInt64] = []

    /// Adds a value.
    mutating func push(_ value: UInt64) {
        values.append(value)
        var child = values.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard values[child] < values[parent] else { break }
            values.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the lowest value out; nil if there is none.
    mutating func pop() -> UInt64? {
        guard let lowest = values.first else { return nil }
        let last = values.removeLast()
        guard !values.isEmpty else { return lowest }
        values[0] = last
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < values.count else { break }
            if child + 1 < values.count, values[child + 1] < values[child] { child += 1 }
            guard values[child] < values[parent] else { break }
            values.swapAt(child, parent)
            parent = child
        }
        return lowest
    }
}
