/// Remembers the ids of short words: up to 15 bytes and three ids, which is nearly every word of
/// running text.
///
/// A slot is 32 bytes: the word padded with zeros to 15 bytes and its length in the sixteenth, three
/// ids, their number. Two slots make a set, which is one cache line. A set's first word stays, since
/// frequent words come early; later ones take turns in the second slot. Lookups compare whole words,
/// so a hit is never wrong.
final class WordCache {
    static let longestWord = 15
    static let mostIDs = 3

    private static let setBits = 15
    private static let bytes = 64 << setBits

    /// The sets, aligned to cache lines.
    let start: UnsafeMutableRawPointer

    init() {
        start = HugeMemory.allocate(Self.bytes)
        // A free slot has length 0, which no word has.
        start.initializeMemory(as: UInt8.self, repeating: 0, count: Self.bytes)
    }

    deinit { start.deallocate() }

    /// A word as a slot's first sixteen bytes.
    struct Key: BitwiseCopyable {
        var low: UInt64
        var high: UInt64
    }

    /// For each length the bits of a key's two halves that belong to the word.
    private static let masks: FixedBuffer<Key> = {
        let masks = FixedBuffer(repeating: Key(low: 0, high: 0), count: longestWord + 1)
        for length in 1...longestWord {
            let low: UInt64 = length >= 8 ? .max : 1 << UInt64(8 * length) - 1
            let high: UInt64 = length <= 8 ? 0 : 1 << UInt64(8 * length - 64) - 1
            masks.start[length] = Key(low: low, high: high)
        }
        return masks
    }()

    /// Makes keys, holding what that takes in registers.
    struct KeyMaker {
        private let masks = WordCache.masks.start

        /// The key of `length` bytes (1 to 15) at `word`, where sixteen are readable.
        @inline(__always)
        func key(_ word: UnsafePointer<UInt8>, _ length: Int) -> Key {
            let raw = UnsafeRawPointer(word)
            // In bounds: sixteen bytes are readable, and there is a mask for each length.
            let mask = masks[length]
            let low = UInt64(littleEndian: raw.loadUnaligned(as: UInt64.self))
            let high = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            return Key(
                low: low & mask.low,
                high: high & mask.high | UInt64(truncatingIfNeeded: length) &<< 56)
        }
    }

    /// The set of a key; in bounds because the hash has `setBits` bits.
    @inline(__always)
    static func set(_ start: UnsafeMutableRawPointer, _ key: Key) -> UnsafeMutableRawPointer {
        let mixed = (key.low ^ (key.high &* 0x9E37_79B9_7F4A_7C15)) &* 0xD6E8_FEB8_6659_FD93
        return start + Int(truncatingIfNeeded: mixed &>> UInt64(64 - setBits)) &* 64
    }

    /// The slot of a set that holds `key`; nil if neither does.
    ///
    /// Which of the two slots it is cannot be predicted, so that is computed, not branched on.
    @inline(__always)
    static func find(_ set: UnsafeMutableRawPointer, _ key: Key) -> UnsafeMutableRawPointer? {
        let first =
            (set.load(as: UInt64.self) ^ key.low)
            | (set.load(fromByteOffset: 8, as: UInt64.self) ^ key.high)
        let second =
            (set.load(fromByteOffset: 32, as: UInt64.self) ^ key.low)
            | (set.load(fromByteOffset: 40, as: UInt64.self) ^ key.high)
        let isFirst = first == 0 ? 1 : 0
        let isSecond = second == 0 ? 1 : 0
        return isFirst | isSecond != 0 ? set + isSecond &* 32 : nil
    }

    /// Puts a word and its ids (at most ``mostIDs``) into a set.
    static func insert(
        _ set: UnsafeMutableRawPointer, _ key: Key, _ ids: UnsafePointer<Int32>, count: Int
    ) {
        let slot = set.load(fromByteOffset: 8, as: UInt64.self) == 0 ? set : set + 32
        slot.storeBytes(of: key.low, as: UInt64.self)
        slot.storeBytes(of: key.high, toByteOffset: 8, as: UInt64.self)
        for index in 0..<mostIDs {
            slot.storeBytes(
                of: index < count ? ids[index] : 0, toByteOffset: 16 + 4 * index, as: Int32.self)
        }
        slot.storeBytes(of: Int32(truncatingIfNeeded: count), toByteOffset: 28, as: Int32.self)
    }
}
