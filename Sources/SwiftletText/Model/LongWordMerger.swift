/// Merges a long word, in time linear in its length for merges as training leaves them and
/// n log n for any others.
///
/// The symbols are a doubly linked list over the word's bytes; pairs wait in one list per rank
/// (``RankQueue``).
struct LongWordMerger {
    private var queue: RankQueue?
    /// The last word's memory, for the next one.
    private var spare: SymbolList?

    /// Words are cut here, so that positions fit 32 bits; nothing but a word of more than a
    /// gigabyte is affected.
    private static let cut = 1 << 30
    /// What a longer word needed is not kept for the next ones.
    private static let kept = 1 << 16

    /// Appends the ids of `word` to `out`.
    mutating func merge(
        _ word: UnsafeBufferPointer<UInt8>, _ model: BytePairModel, into out: IDBuffer
    ) {
        var start = 0
        while start < word.count {
            let end = min(start + Self.cut, word.count)
            let symbols = list(end - start)
            symbols.fill(UnsafeBufferPointer(rebasing: word[start..<end]), model.byteIDs)
            let queue = self.queue ?? RankQueue(ranks: model.merges.rankCount)
            self.queue = queue
            queue.merge(symbols, model.merges)
            symbols.append(to: out)
            start = end
        }
        if spare?.capacity ?? 0 > Self.kept { spare = nil }
    }

    private mutating func list(_ count: Int) -> SymbolList {
        if let spare, spare.capacity >= count { return spare }
        let list = SymbolList(capacity: max(count, 1024))
        spare = list
        return list
    }
}

/// The symbols of a word as a doubly linked list: a symbol's position is that of its first byte.
///
/// Positions are below `count`, which is at most `capacity`, the size of every array; -1 is none.
/// So are the neighbours that the list itself wrote, which is all that its loops follow.
final class SymbolList {
    struct Symbol: BitwiseCopyable {
        /// The token; -1 once it went into the one before it.
        var id: Int32
        var next: Int32
        var previous: Int32
        /// The rank of its merge with the next symbol.
        var rank: UInt32
        /// Its neighbours in the list of its rank, for ``RankQueue``.
        var waitNext: Int32
        var waitPrevious: Int32
    }

    let capacity: Int
    private(set) var count = 0
    /// The symbol that `append(_:at:)` added last.
    private var last: Int32 = -1
    private let buffer: FixedBuffer<Symbol>

    init(capacity: Int) {
        self.capacity = capacity
        buffer = FixedBuffer(
            repeating: Symbol(
                id: -1, next: -1, previous: -1, rank: MergeTable.noRank, waitNext: -1,
                waitPrevious: -1), count: capacity)
    }

    /// The symbols, by position.
    var symbols: UnsafeMutablePointer<Symbol> { buffer.start }

    /// Makes the list that of a word's bytes, at most `capacity`.
    func fill(_ word: UnsafeBufferPointer<UInt8>, _ byteIDs: FixedBuffer<Int32>) {
        count = word.count
        for position in 0..<count {
            let next = position + 1 < count ? position + 1 : -1
            symbols[position] = Symbol(
                id: byteIDs.start[Int(word[position])], next: Int32(truncatingIfNeeded: next),
                previous: Int32(truncatingIfNeeded: position - 1), rank: MergeTable.noRank,
                waitNext: -1, waitPrevious: -1)
        }
    }

    /// Empties the list, for a word of up to `capacity` bytes whose symbols are then added in order.
    func removeAll() {
        count = 0
        last = -1
    }

    /// Adds a symbol at the end.
    ///
    /// - Parameters:
    ///   - id: the token.
    ///   - position: its first byte, after that of the symbol before it and below `capacity`.
    @inline(__always)
    func append(_ id: Int32, at position: Int) {
        symbols[position] = Symbol(
            id: id, next: -1, previous: last, rank: MergeTable.noRank, waitNext: -1,
            waitPrevious: -1)
        if last >= 0 { symbols[Int(last)].next = Int32(truncatingIfNeeded: position) }
        last = Int32(truncatingIfNeeded: position)
        count = position + 1
    }

    /// Ends the word that `append(_:at:)` filled: its last symbol ends at `end`, at most `capacity`.
    func end(at end: Int) { count = end }

    /// Calls `body` with the tokens in order and the bytes of each.
    func forEach(_ body: (Int32, Range<Int>) -> Void) {
        var position = count > 0 ? 0 : -1
        while position >= 0 {
            let next = Int(symbols[position].next)
            body(symbols[position].id, position..<(next >= 0 ? next : count))
            position = next
        }
    }

    /// Joins the symbol at `position` with the next one, which there is, into `result`.
    @inline(__always)
    func join(_ position: Int, into result: Int32) {
        let gone = Int(symbols[position].next)
        let after = symbols[gone].next
        symbols[position].id = result
        symbols[gone].id = -1
        symbols[position].next = after
        if after >= 0 { symbols[Int(after)].previous = Int32(truncatingIfNeeded: position) }
    }

    /// Appends the ids in order.
    func append(to out: IDBuffer) {
        var position = count > 0 ? 0 : -1
        while position >= 0 {
            out.append(symbols[position].id)
            position = Int(symbols[position].next)
        }
    }
}
