/// Merges a long word, in time linear in its length for merges as training leaves them and
/// n log n for any others.
///
/// The symbols are a doubly linked list over the word's bytes; pairs wait in one list per rank
/// (``RankQueue``).
///
/// A word longer than a window is merged window by window, which keeps all that is in work in the
/// processor's caches. A window ends anywhere, so its last tokens may not be the word's. The next one
/// begins where one of its tokens does, well before its end, and has to begin with the same token.
/// Then all neighbours among the tokens that are kept were neighbours in one window. Two such do not
/// merge: pairs are taken by rank and place, so those in two neighbours are taken in the same order
/// whether or not there is text around them, and the first that lay across would have been taken in
/// that window too. So they are the word's tokens. If a window begins with another token, the word is
/// merged as a whole.
struct LongWordMerger {
    private var queue: RankQueue?
    /// The last word's memory, for the next one.
    private var spare: SymbolList?
    /// The tokens of a word's windows, and how many bytes each has.
    private let ids = IDBuffer(capacity: 1024)
    private let lengths = IDBuffer(capacity: 1024)

    /// How many bytes a window has, and how many of them at least are merged again in the next one.
    static let window = 1 << 13
    static let overlap = 1 << 9

    /// Words are cut here, so that positions fit 32 bits; nothing but a word of more than a
    /// gigabyte is affected.
    private static let cut = 1 << 30
    /// What a longer word needed is not kept for the next ones.
    private static let kept = 1 << 16

    /// Merges a word.
    ///
    /// - Parameters:
    ///   - word: well-formed UTF-8, not empty.
    ///   - fill: makes a list that of the symbols of a part of the word.
    ///   - body: called with the word's tokens in order, and the bytes of each.
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

    /// Merges a word by windows into `ids` and `lengths`; false if that cannot be done.
    private mutating func mergeWindows(
        _ word: UnsafeBufferPointer<UInt8>, _ merges: MergeTable,
        _ fill: (SymbolList, UnsafeBufferPointer<UInt8>) -> Void
    ) -> Bool {
        ids.removeAll()
        lengths.removeAll()
        var start = 0
        // The token with which a window has to begin, and its length.
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
            // A token of nearly a whole window.
            if position == 0 { return false }
        }
    }

    /// The last end of a character up to `position`, or the word's end.
    private static func end(of word: UnsafeBufferPointer<UInt8>, _ position: Int) -> Int {
        guard position < word.count else { return word.count }
        var end = position
        while word[end] & 0xC0 == 0x80, end > position - 3 { end -= 1 }
        return end
    }

    /// Merges a part of a word by itself.
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
