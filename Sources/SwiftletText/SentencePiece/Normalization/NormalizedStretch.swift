/// A normalized stretch: its bytes, and for each of them where in the stretch it came from.
///
/// A byte that was not changed came from itself. All bytes that took the place of others came from
/// where these begin, so that the last piece among them has them all, as in SentencePiece.
struct NormalizedStretch {
    private(set) var bytes: [UInt8] = []
    /// Where each byte came from.
    private var origins: [Int] = []
    /// Where the last byte's origin ends, what was dropped behind it included.
    private var end = 0
    /// Whether anybody will ask for origins.
    private var keepsOrigins = false

    /// Empties the text for a stretch of `count` bytes.
    mutating func begin(count: Int, keepsOrigins: Bool) {
        bytes.removeAll(keepingCapacity: count < 1 << 20)
        origins.removeAll(keepingCapacity: count < 1 << 20)
        end = count
        self.keepsOrigins = keepsOrigins
    }

    /// Adds a byte that came from `origin`.
    mutating func append(_ byte: UInt8, from origin: Int) {
        bytes.append(byte)
        if keepsOrigins { origins.append(origin) }
    }

    /// Adds bytes that all came from `origin`, or from nothing in front of it.
    mutating func append(_ added: [UInt8], from origin: Int) {
        for byte in added { append(byte, from: origin) }
    }

    /// Adds bytes that came from nothing, at the end.
    mutating func append(atEnd added: [UInt8]) { append(added, from: end) }

    /// Drops bytes from the end; what they came from belongs to no piece.
    mutating func dropLast(_ count: Int) {
        bytes.removeLast(count)
        guard keepsOrigins else { return }
        end = origins[bytes.count]
        origins.removeLast(count)
    }

    /// The bytes of the stretch that a part of the normalized text, which is not empty and inside,
    /// came from. What was dropped behind a byte goes with it.
    func origin(of part: Range<Int>) -> Range<Int> {
        let start = origins[part.lowerBound]
        let next = part.upperBound < origins.count ? origins[part.upperBound] : end
        return start..<max(next, start)
    }
}
