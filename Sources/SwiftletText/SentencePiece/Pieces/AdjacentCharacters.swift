/// The pairs of characters that are adjacent in some piece.
///
/// No merge can ever reach across two characters that are not, whatever the order of merges. So the
/// text can be cut between them, and the words between cuts are encoded independently.
///
/// For two ASCII characters the answer is exact. For others it may be yes although no piece has the
/// pair, which only makes a word longer.
struct AdjacentCharacters: Sendable {
    private static let hashBits = 18

    /// 128 × 128 flags, by first and second character.
    private let ascii = FixedBuffer<Bool>(repeating: false, count: 128 * 128)
    private let hashed = FixedBuffer<UInt64>(repeating: 0, count: 1 << (hashBits - 6))

    /// Records that `second` follows `first` in some piece.
    func insert(_ first: UInt32, _ second: UInt32) {
        if first < 128, second < 128 {
            ascii.start[Int(first << 7 | second)] = true
        } else {
            let bit = Self.bit(first, second)
            hashed.start[bit >> 6] |= 1 << UInt64(bit & 63)
        }
    }

    /// The bit of a pair.
    ///
    /// In bounds: the hash has `hashBits` bits.
    @inline(__always)
    private static func bit(_ first: UInt32, _ second: UInt32) -> Int {
        let pair = UInt64(first) &<< 32 | UInt64(second)
        return Int(truncatingIfNeeded: ByteKey.mix(pair) &>> UInt64(64 - hashBits))
    }

    /// Where words begin in the 64 bytes at `text`, `left` of which belong to the text, one bit per
    /// byte, up to the first byte that is not ASCII.
    ///
    /// The end of the text counts as a beginning.
    @inline(__always)
    func certainStarts(_ text: UnsafePointer<UInt8>, left: Int) -> UInt64 {
        let end = min(left, 64)
        var starts: UInt64 = 0
        var first = UInt32(text[0])
        var position = 1
        guard first < 128 else { return 0 }
        // In bounds: 64 bytes are readable, and two ASCII characters are an index of the table.
        while position < end {
            let second = UInt32(text[position])
            guard second < 128 else { return starts }
            let cut: UInt64 = ascii.start[Int(first &<< 7 | second)] ? 0 : 1
            starts |= cut &<< UInt64(truncatingIfNeeded: position)
            first = second
            position &+= 1
        }
        return left < 64 ? starts | 1 &<< UInt64(truncatingIfNeeded: left) : starts
    }

    /// The end of the word that begins at `start`: the next place where text can be cut.
    @inline(__always)
    func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        var position = start
        var first = UInt32(text[position])
        // Every index of the table is two ASCII characters, and every position is below `end`.
        if first < 128 {
            position &+= 1
            while position < end {
                let second = UInt32(text[position])
                guard second < 128 else { break }
                guard ascii.start[Int(first &<< 7 | second)] else { return position }
                first = second
                position &+= 1
            }
            guard position < end else { return end }
        } else {
            (first, position) = next(text, position, end)
        }
        return anyWordEnd(text, position, end, after: first)
    }

    @inline(__always)
    private func next(
        _ text: UnsafePointer<UInt8>, _ position: Int, _ end: Int
    ) -> (UInt32, Int) {
        let (code, length) = CheckedUTF8.decode(text, position, end)
        return (code, position &+ length)
    }

    @inline(never)
    private func anyWordEnd(
        _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, after character: UInt32
    ) -> Int {
        var first = character
        var position = start
        while position < end {
            let (second, after) = next(text, position, end)
            let together: Bool
            if first < 128, second < 128 {
                together = ascii.start[Int(first << 7 | second)]
            } else {
                let bit = Self.bit(first, second)
                together = hashed.start[bit >> 6] >> UInt64(bit & 63) & 1 == 1
            }
            guard together else { return position }
            first = second
            position = after
        }
        return end
    }
}
