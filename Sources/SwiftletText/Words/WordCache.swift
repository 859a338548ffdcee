import CSwiftletUnicode

/// Caches the ids of short words: up to 15 bytes and three ids, which covers nearly every word of
/// running text.
///
/// A slot is 32 bytes: the word padded with zeros to 15 bytes, its length in the sixteenth, three
/// ids and their number. Two slots form a set of one cache line. The first word of a set stays,
/// since frequent words come early; later words replace each other in the second slot. A lookup
/// compares the whole word, so a hit is never wrong. The lookups themselves are in
/// `swiftlet_words.h`.
final class WordCache {
    static let longestWord = Int(SWIFTLET_LONGEST_KEY)
    static let maximumIDCount = 3
    /// The logarithm of the number of sets, for a table of 2 MB.
    static let setBits: UInt32 = 15

    private static let bytes = 64 << Int(setBits)

    /// The sets, aligned to cache lines.
    let start: UnsafeMutableRawPointer

    init() {
        start = HugeMemory.allocate(Self.bytes)
        // A free slot has length 0, which no word has.
        start.initializeMemory(as: UInt8.self, repeating: 0, count: Self.bytes)
    }

    deinit { start.deallocate() }

    /// Stores a word that fits a slot, with its ids, at most ``maximumIDCount``, in the word's set.
    func insert(_ word: swiftlet_found_word, _ ids: UnsafePointer<Int32>, count: Int) {
        // In bounds: the offset of a set of this table.
        let set = start + Int(word.set)
        let slot = set.load(fromByteOffset: 8, as: UInt64.self) == 0 ? set : set + 32
        slot.storeBytes(of: word.low, as: UInt64.self)
        slot.storeBytes(of: word.high, toByteOffset: 8, as: UInt64.self)
        for index in 0..<Self.maximumIDCount {
            slot.storeBytes(
                of: index < count ? ids[index] : 0, toByteOffset: 16 + 4 * index, as: Int32.self)
        }
        slot.storeBytes(of: Int32(truncatingIfNeeded: count), toByteOffset: 28, as: Int32.self)
    }
}
