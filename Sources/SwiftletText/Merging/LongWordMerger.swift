/// Merges a long word, in time linear in its length if merges are in the order in which training
/// produces them, and in n log n for any other order.
///
/// The symbols form a doubly linked list over the word's bytes; pairs wait in one list per rank
/// (``RankQueue``).
///
/// A word longer than a window is merged window by window, which keeps the working set in the
/// processor's caches. A window ends anywhere, so its last tokens may differ from the word's. The
/// next window begins where one of those tokens does, well before the end of the window, and must
/// begin with the same token. Then any two neighbours among the tokens that are kept were
/// neighbours in one window, and it follows that the kept tokens are the word's. For suppose two
/// neighbours would merge in the word. Pairs are merged by rank and place, so inside the two they
/// are merged in the same order whether or not there is text around them, and the first pair to
/// straddle their border would have been merged in that window too. If a window begins with a
/// different token, the word is merged as a whole.
struct LongWordMerger {
    private var queue: RankQueue?
    /// The memory of the last word, for the next one.
    private var spare: SymbolList?
    /// The tokens found window by window, and the number of bytes of each.
    private let ids = IDBuffer(capacity: 1024)
    private let lengths = IDBuffer(capacity: 1024)

    /// The number of bytes of a window, and the least number of them that the next window merges
    /// again.
    static let window = 1 << 13
    static let overlap = 1 << 9

    /// The length at which words are cut so that positions fit 32 bits, which affects only words of
    /// more than a gigabyte.
    private static let cut = 1 << 30
    /// The largest capacity that is kept for the next word.
    private static let kept = 1 << 16

    /// Merges a word.
    ///
    /// - Parameters:
    ///   - word: Well-formed UTF-8, not empty.
    ///   - merges: The merges.
    ///   - fill: Fills a list with the symbols of a part of the word.
    ///   - body: Receives the word's tokens in order, with the bytes of each.
    mutating func merge(
        _ word: UnsafeBufferPointer<UInt8>, _ merges: MergeTable,
        fill: (SymbolList, UnsafeBufferPointer<UInt8>) -> Void,
        _ body: (Int32, Range<Int>) -> Void
    ) {
        if word.count > Self.window, mergeWindows(word, merges, fill) {
            var position = 0
            for index in 0..<ids.count {
                // In bounds: there are as many lengths as ids.
                let end = position + Int(lengths.start[index])
                body(ids.start[index], position..<end)
                position = end
            }
        } else {
            var start = 0
            while start < word.count {
                let end = Self.end(of: word, start + Self.cut)
                merge(word, start..<end, merges, fill).forEach { id, range in
                    body(id, start + range.lowerBound..<start + range.upperBound)
                }
                start = end
            }
        }
        ids.removeAll()
        lengths.removeAll()
        if spare?.capacity ?? 0 > Self.kept { spare = nil }
    }

    /// Merges a word window by window into `ids` and `lengths`; returns false if that fails.
    private mutating func mergeWindows(
        _ word: UnsafeBufferPointer<UInt8>, _ merges: MergeTable,
        _ fill: (SymbolList, UnsafeBufferPointer<UInt8>) -> Void
    ) -> Bool {
        ids.removeAll()
        lengths.removeAll()
        var start = 0
        // The token with which the next window must begin, and its length.
        var expected: (id: Int32, length: Int)?
        while true {
            let end = Self.end(of: word, start + Self.window)
            let list = merge(word, start..<end, merges, fill)
            if let expected, expected != (list.symbols[0].id, list.end(of: 0)) { return false }
            let sure = end < word.count ? list.count - Self.overlap : list.count
            var position = 0
            while position < list.count {
                let length = list.end(of: position) - position
                let id = list.symbols[position].id
                guard position + length <= sure else {
                    expected = (id, length)
                    break
                }
                ids.append(id)
                lengths.append(Int32(truncatingIfNeeded: length))
                position += length
            }
            start += position
            if start == word.count { return true }
            // One token takes nearly the whole window.
            if position == 0 { return false }
        }
    }

    /// The end of the last character that ends at or before `position`; the word's end beyond it.
    private static func end(of word: UnsafeBufferPointer<UInt8>, _ position: Int) -> Int {
        guard position < word.count else { return word.count }
        var end = position
        while word[end] & 0xC0 == 0x80, end > position - 3 { end -= 1 }
        return end
    }

    /// Merges part of a word on its own.
    private mutating func merge(
        _ word: UnsafeBufferPointer<UInt8>, _ part: Range<Int>, _ merges: MergeTable,
        _ fill: (SymbolList, UnsafeBufferPointer<UInt8>) -> Void
    ) -> SymbolList {
        let symbols = list(part.count)
        fill(symbols, UnsafeBufferPointer(rebasing: word[part]))
        let queue = self.queue ?? RankQueue(ranks: merges.rankCount)
        self.queue = queue
        queue.merge(symbols, merges)
        return symbols
    }

    private mutating func list(_ count: Int) -> SymbolList {
        if let spare, spare.capacity >= count { return spare }
        let list = SymbolList(capacity: max(count, 1024))
        spare = list
        return list
    }
}
