/// Caches the ids of words of up to 128 bytes, however many ids they have, that ``WordCache``
/// cannot hold or has dropped.
///
/// Words and ids are stored in two arrays. When one is full, both are emptied together with the
/// table. The cache takes about three megabytes. A lookup compares the whole word, so a hit is
/// never wrong.
final class LongWordCache {
    static let longestWord = 128

    private struct Entry: BitwiseCopyable {
        var word: Int32 = 0
        /// 0 if the entry is free.
        var length: Int32 = 0
        var ids: Int32 = 0
        var idCount: Int32 = 0
    }

    private static let slots = 1 << 15
    private static let wordCapacity = 1 << 20
    private static let idCapacity = 1 << 18

    // Ranges in the entries are written by `insert` alone, which keeps them inside these arrays.
    private let entries = FixedBuffer(repeating: Entry(), count: slots)
    private let words = FixedBuffer<UInt8>(repeating: 0, count: wordCapacity)
    private let ids = FixedBuffer<Int32>(repeating: 0, count: idCapacity)
    private var wordCount = 0
    private var idCount = 0

    /// The slot of a word, masked and therefore in bounds.
    @inline(__always)
    static func slot(_ word: UnsafeBufferPointer<UInt8>) -> Int {
        ByteKey(word).hash & (slots - 1)
    }

    /// Appends the cached ids of `word`, which belongs in this slot; returns false if it is not
    /// cached.
    @inline(__always)
    func append(_ word: UnsafeBufferPointer<UInt8>, slot: Int, to out: IDBuffer) -> Bool {
        let entry = entries.start[slot]
        guard Int(entry.length) == word.count else { return false }
        let known = words.start + Int(entry.word)
        for index in 0..<word.count where known[index] != word[index] { return false }
        out.append(ids.start + Int(entry.ids), count: Int(entry.idCount))
        return true
    }

    /// Caches `word`, whose ids are those in `out` from `first` on, at most one per byte.
    func insert(_ word: UnsafeBufferPointer<UInt8>, slot: Int, _ out: IDBuffer, from first: Int) {
        let count = out.count - first
        if wordCount + word.count > Self.wordCapacity || idCount + count > Self.idCapacity {
            entries.start.update(repeating: Entry(), count: Self.slots)
            wordCount = 0
            idCount = 0
        }
        entries.start[slot] = Entry(
            word: Int32(truncatingIfNeeded: wordCount),
            length: Int32(truncatingIfNeeded: word.count), ids: Int32(truncatingIfNeeded: idCount),
            idCount: Int32(truncatingIfNeeded: count))
        for index in 0..<word.count { words.start[wordCount + index] = word[index] }
        (ids.start + idCount).update(from: out.start + first, count: count)
        wordCount += word.count
        idCount += count
    }
}
