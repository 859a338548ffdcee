/// Remembers the ids of words that do not fit ``WordCache``: of up to 128 bytes, whatever their
/// number of ids.
///
/// Words and ids lie in two arrays that are emptied, with the table, when they are full: the cache
/// holds at most about a megabyte. Lookups compare whole words, so a hit is never wrong.
struct LongWordCache {
    static let longestWord = 128

    private struct Entry {
        var word: Int32 = 0
        var length: Int32 = 0
        var ids: Int32 = 0
        var idCount: Int32 = 0
    }

    private static let slots = 1 << 13
    private static let wordCapacity = 1 << 19
    private static let idCapacity = 1 << 17

    private var entries: [Entry] = []
    private var words: [UInt8] = []
    private var ids: [Int32] = []

    /// Appends the ids of `word` to `out` if it is remembered.
    func append(_ word: UnsafeBufferPointer<UInt8>, to out: IDBuffer) -> Bool {
        guard !entries.isEmpty else { return false }
        let entry = entries[ByteHash.of(word) & (Self.slots - 1)]
        guard Int(entry.length) == word.count else { return false }
        for index in 0..<word.count where words[Int(entry.word) + index] != word[index] {
            return false
        }
        for index in 0..<Int(entry.idCount) { out.append(ids[Int(entry.ids) + index]) }
        return true
    }

    /// Remembers `word`, whose ids are those of `out` from `first` on.
    mutating func insert(_ word: UnsafeBufferPointer<UInt8>, _ out: IDBuffer, from first: Int) {
        let idCount = out.count - first
        if entries.isEmpty || words.count + word.count > Self.wordCapacity
            || ids.count + idCount > Self.idCapacity
        {
            entries = [Entry](repeating: Entry(), count: Self.slots)
            words.removeAll(keepingCapacity: true)
            ids.removeAll(keepingCapacity: true)
        }
        entries[ByteHash.of(word) & (Self.slots - 1)] = Entry(
            word: Int32(words.count), length: Int32(word.count), ids: Int32(ids.count),
            idCount: Int32(idCount))
        words.append(contentsOf: word)
        // In bounds: `first` to `count` are ids in use.
        ids.append(contentsOf: UnsafeBufferPointer(start: out.start + first, count: idCount))
    }
}
