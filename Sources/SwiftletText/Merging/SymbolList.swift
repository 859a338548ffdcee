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
    /// The last symbol's position while nothing is merged; -1: there are none.
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

    /// Makes the list that of a word's bytes, at most `capacity`.
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

    /// Where the symbol at `position` ends.
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
}
