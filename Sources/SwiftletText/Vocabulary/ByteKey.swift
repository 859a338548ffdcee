import CSwiftletUnicode

/// The key of a few bytes in a hash table: the bytes themselves if there are at most eight, else
/// their hash.
struct ByteKey: BitwiseCopyable {
    /// The largest number of bytes that a key holds exactly.
    static let longestExact = 8

    /// The bytes, the first in the lowest bits, padded with zeros; or their hash.
    let word: UInt64
    let count: Int

    /// Whether equal keys mean equal bytes.
    @inline(__always)
    var isExact: Bool { count <= Self.longestExact }

    /// A non-negative hash of the key, for its place in a table.
    @inline(__always)
    var hash: Int {
        Int(truncatingIfNeeded: Self.mix(word ^ UInt64(truncatingIfNeeded: count) &<< 58) &>> 1)
    }

    /// The key of at most eight bytes in the form of ``word``.
    @inline(__always)
    init(exact word: UInt64, count: Int) {
        self.word = word
        self.count = count
    }

    /// The key of the given bytes.
    @inline(__always)
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        count = bytes.count
        let raw = UnsafeRawBufferPointer(bytes)
        switch raw.count {
        case 0: word = 0
        case 1: word = UInt64(bytes[0])
        case 2...3: word = Self.bothEnds(raw, UInt16.self)
        case 4...8: word = Self.bothEnds(raw, UInt32.self)
        default:
            // In bounds: the last read ends at the last byte, and may overlap the one before.
            var hash: UInt64 = 0x2545_F491_4F6C_DD1D
            var index = 0
            while index &+ 8 < raw.count {
                hash = Self.mix(hash ^ raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                index &+= 8
            }
            word = Self.mix(
                hash ^ raw.loadUnaligned(fromByteOffset: raw.count &- 8, as: UInt64.self))
        }
    }

    /// The bytes of a buffer that has one to two times the size of `Part`, read as a `Part` from
    /// either end; in the middle the two may overlap.
    @inline(__always)
    private static func bothEnds<Part: FixedWidthInteger & BitwiseCopyable>(
        _ raw: UnsafeRawBufferPointer, _: Part.Type
    ) -> UInt64 {
        // In bounds: there is at least one part.
        let last = raw.count &- MemoryLayout<Part>.size
        let low = raw.loadUnaligned(fromByteOffset: 0, as: Part.self).littleEndian
        let high = raw.loadUnaligned(fromByteOffset: last, as: Part.self).littleEndian
        return UInt64(truncatingIfNeeded: low)
            | UInt64(truncatingIfNeeded: high) &<< UInt64(truncatingIfNeeded: 8 &* last)
    }

    /// Given that this is the key of `bytes`, the key of the bytes before `middle`, which is
    /// neither the beginning nor the end.
    @inline(__always)
    func left(of bytes: UnsafeBufferPointer<UInt8>, before middle: Int) -> ByteKey {
        guard isExact else { return ByteKey(UnsafeBufferPointer(rebasing: bytes[..<middle])) }
        let bits = UInt64(truncatingIfNeeded: 8 &* middle)
        return ByteKey(exact: word & (1 &<< bits &- 1), count: middle)
    }

    /// Given that this is the key of `bytes`, the key of the bytes from `middle` on.
    @inline(__always)
    func right(of bytes: UnsafeBufferPointer<UInt8>, from middle: Int) -> ByteKey {
        guard isExact else { return ByteKey(UnsafeBufferPointer(rebasing: bytes[middle...])) }
        let bits = UInt64(truncatingIfNeeded: 8 &* middle)
        return ByteKey(exact: word &>> bits, count: count &- middle)
    }

    /// Mixes the bits of a word.
    @inline(__always)
    static func mix(_ value: UInt64) -> UInt64 {
        let product = value &* 0x9E37_79B9_7F4A_7C15
        return product ^ product &>> 29
    }
}
