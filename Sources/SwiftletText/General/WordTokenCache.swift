/// Caches the tokens of words of up to 128 bytes.
///
/// Words and tokens are stored in two arrays. When one is full, both are emptied together with the
/// table. A lookup compares the whole word, so a hit is never wrong.
final class WordTokenCache {
    static let longestWord = 128

    private struct Entry: BitwiseCopyable {
        var word: Int32 = 0
        /// 0 if the entry is free.
        var length: Int32 = 0
        var tokens: Int32 = 0
        var tokenCount: Int32 = 0
    }

    private struct Token: BitwiseCopyable {
        var id: Int32 = 0
        var start: UInt8 = 0
        var end: UInt8 = 0
    }

    private static let slots = 1 << 14
    private static let wordCapacity = 1 << 19
    private static let tokenCapacity = 1 << 18

    // Ranges in the entries are written by `insert` alone, which keeps them inside these arrays.
    private let entries = FixedBuffer(repeating: Entry(), count: slots)
    private let words = FixedBuffer<UInt8>(repeating: 0, count: wordCapacity)
    private let tokens = FixedBuffer(repeating: Token(), count: tokenCapacity)
    private var wordCount = 0
    private var tokenCount = 0

    /// The slot of a word, masked and therefore in bounds.
    static func slot(_ word: UnsafeBufferPointer<UInt8>) -> Int {
        ByteKey(word).hash & (slots - 1)
    }

    /// Calls `body` with the cached tokens of `word`, which belongs in this slot; returns false if
    /// it is not cached.
    @inline(__always)
    func forEachToken(
        of word: UnsafeBufferPointer<UInt8>, slot: Int, _ body: (Int32, Range<Int>) -> Void
    ) -> Bool {
        let entry = entries.start[slot]
        guard Int(entry.length) == word.count else { return false }
        let known = words.start + Int(entry.word)
        for index in 0..<word.count where known[index] != word[index] { return false }
        for index in Int(entry.tokens)..<Int(entry.tokens) + Int(entry.tokenCount) {
            let token = tokens.start[index]
            body(token.id, Int(token.start)..<max(Int(token.start), Int(token.end)))
        }
        return true
    }

    /// Caches a word that is not longer than ``longestWord``.
    func insert(
        _ word: UnsafeBufferPointer<UInt8>, slot: Int, _ found: [(id: Int32, range: Range<Int>)]
    ) {
        guard found.count <= 2 * Self.longestWord else { return }
        if wordCount + word.count > Self.wordCapacity
            || tokenCount + found.count > Self.tokenCapacity
        {
            entries.start.update(repeating: Entry(), count: Self.slots)
            wordCount = 0
            tokenCount = 0
        }
        entries.start[slot] = Entry(
            word: Int32(truncatingIfNeeded: wordCount),
            length: Int32(truncatingIfNeeded: word.count),
            tokens: Int32(truncatingIfNeeded: tokenCount),
            tokenCount: Int32(truncatingIfNeeded: found.count))
        for index in 0..<word.count { words.start[wordCount + index] = word[index] }
        for (index, token) in found.enumerated() {
            tokens.start[tokenCount + index] = Token(
                id: token.id, start: UInt8(truncatingIfNeeded: token.range.lowerBound),
                end: UInt8(truncatingIfNeeded: token.range.upperBound))
        }
        wordCount += word.count
        tokenCount += found.count
    }
}
