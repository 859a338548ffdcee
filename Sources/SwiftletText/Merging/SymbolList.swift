/// The symbols of a word as a doubly linked list; a symbol's position is that of its first byte.
///
/// Positions are below `count`, which is at most `capacity`, the number of elements; -1 is none.
/// The same holds for the links, which only the list itself writes and which its loops follow.
final class SymbolList {
    struct Symbol: BitwiseCopyable {
        /// The token; -1 once the symbol has been merged into the one before it.
        var id: Int32
        var next: Int32
        var previous: Int32
        /// The rank of the pair that it forms with the next symbol.
        var rank: UInt32
        /// The neighbours of that pair in the list of its rank, for ``RankQueue``.
        var waitNext: Int32
        var waitPrevious: Int32
    }

    let capacity: Int
    private(set) var count = 0
    /// The position of the last symbol before any merge; -1 if there is none.
    private(set) var last: Int32 = -1
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

    /// Fills the list with the bytes of a word, at most `capacity`.
    func fill(_ word: UnsafeBufferPointer<UInt8>, _ byteIDs: FixedBuffer<Int32>) {
        count = word.count
        last = Int32(truncatingIfNeeded: count - 1)
        for position in 0..<count {
            let next = position + 1 < count ? position + 1 : -1
            symbols[position] = Symbol(
                id: byteIDs.start[Int(word[position])], next: Int32(truncatingIfNeeded: next),
                previous: Int32(truncatingIfNeeded: position - 1), rank: MergeTable.noRank,
                waitNext: -1, waitPrevious: -1)
        }
    }

    /// Empties the list, before the symbols of a word of up to `capacity` bytes are appended.
    func removeAll() {
        count = 0
        last = -1
    }

    /// Appends a symbol.
    ///
    /// - Parameters:
    ///   - id: The token.
    ///   - position: Its first byte, which follows that of the symbol before it and is below
    ///     `capacity`.
    @inline(__always)
    func append(_ id: Int32, at position: Int) {
        symbols[position] = Symbol(
            id: id, next: -1, previous: last, rank: MergeTable.noRank, waitNext: -1,
            waitPrevious: -1)
        if last >= 0 { symbols[Int(last)].next = Int32(truncatingIfNeeded: position) }
        last = Int32(truncatingIfNeeded: position)
        count = position + 1
    }

    /// Ends the word whose symbols were appended: the last one ends at `end`, at most `capacity`.
    func end(at end: Int) { count = end }

    /// The end of the symbol at `position`.
    @inline(__always)
    func end(of position: Int) -> Int {
        let next = Int(symbols[position].next)
        return next >= 0 ? next : count
    }

    /// Calls `body` with the tokens in order and the bytes of each.
    func forEach(_ body: (Int32, Range<Int>) -> Void) {
        var position = 0
        while position < count {
            let end = end(of: position)
            body(symbols[position].id, position..<end)
            position = end
        }
    }

    /// Merges the symbol at `position` with the next one, which must exist, into `result`.

    @inline(__always)
    func join(_ position: Int, into result: Int32) {
        let gone = Int(symbols[position].next)
        let after = symbols[gone].next
        symbols[position].id = result
        symbols[gone].id = -1
        symbols[position].next = after
        if after >= 0 { symbols[Int(after)].previous = Int32(truncatingIfNeeded: position) }
    }
}
