import CSwiftletUnicode

/// What tables find a few bytes by: the bytes themselves, if they are eight at most, else a hash of
/// them.
struct ByteKey: BitwiseCopyable {
    /// How many bytes say all.
    static let longestExact = 8

    /// The bytes, the first one lowest, padded with zeros, or their hash.
    let word: UInt64
    let count: Int

    /// Whether two keys are equal only if their bytes are.
    @inline(__always)
    var isExact: Bool { count <= Self.longestExact }

    /// A non-negative hash of the key, for the place in a table.
    @inline(__always)
    var hash: Int {
        Int(truncatingIfNeeded: Self.mix(word ^ UInt64(truncatingIfNeeded: count) &<< 58) &>> 1)
    }

    /// The key of at most eight bytes, as ``word`` has them.
    @inline(__always)
    init(exact word: UInt64, count: Int) {
        self.word = word
        self.count = count
    }

    /// The key of some bytes.
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
            // In bounds: the last eight bytes may overlap those before, and none are beyond.
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

    /// The bytes of one to two parts' size, read from both ends, where the parts may overlap.
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

    /// The key of the first bytes of `bytes`, which this is the key of: some, not all.
    @inline(__always)
    func left(of bytes: UnsafeBufferPointer<UInt8>, before middle: Int) -> ByteKey {
        guard isExact else { return ByteKey(UnsafeBufferPointer(rebasing: bytes[..<middle])) }
        let bits = UInt64(truncatingIfNeeded: 8 &* middle)
        return ByteKey(exact: word & (1 &<< bits &- 1), count: middle)
    }

    /// The key of the other bytes.
    @inline(__always)
    func right(of bytes: UnsafeBufferPointer<UInt8>, from middle: Int) -> ByteKey {
        guard isExact else { return ByteKey(UnsafeBufferPointer(rebasing: bytes[middle...])) }
        let bits = UInt64(truncatingIfNeeded: 8 &* middle)
        return ByteKey(exact: word &>> bits, count: count &- middle)
    }

    /// Spreads the bits of a word.
    @inline(__always)
    static func mix(_ value: UInt64) -> UInt64 {
        let product = value &* 0x9E37_79B9_7F4A_7C15
        return product ^ product &>> 29
    }
}
