/// A normalized stretch: its bytes, and for each of them the place that it comes from.
///
/// A byte that was not changed comes from itself. All bytes of a replacement come from the
/// beginning of what was replaced, so that the last piece among them covers all of that, as in
/// SentencePiece.
struct NormalizedStretch {
    private(set) var bytes: [UInt8] = []
    /// The place that each byte comes from.
    private var origins: [Int] = []
    /// The end of what the last byte comes from, including what was dropped after it.
    private var end = 0
    /// Whether origins will be asked for.
    private var keepsOrigins = false

    /// Empties this for a stretch of `count` bytes.
    mutating func begin(count: Int, keepsOrigins: Bool) {
        bytes.removeAll(keepingCapacity: count < 1 << 20)
        origins.removeAll(keepingCapacity: count < 1 << 20)
        end = count
        self.keepsOrigins = keepsOrigins
    }

    /// Appends a byte that comes from `origin`.
    mutating func append(_ byte: UInt8, from origin: Int) {
        bytes.append(byte)
        if keepsOrigins { origins.append(origin) }
    }

    /// Appends bytes that come from `origin`, or that were inserted before it.
    mutating func append(_ added: [UInt8], from origin: Int) {
        for byte in added { append(byte, from: origin) }
    }

    /// Appends bytes that were inserted at the end.
    mutating func append(atEnd added: [UInt8]) { append(added, from: end) }

    /// Drops bytes from the end.
    ///
    /// What they come from belongs to no piece.
    mutating func dropLast(_ count: Int) {
        bytes.removeLast(count)
        guard keepsOrigins else { return }
        end = origins[bytes.count]
        origins.removeLast(count)
    }

    /// The bytes of the stretch that a part of the normalized text, not empty and inside it, comes
    /// from.
    ///
    /// What was dropped after a byte belongs to it.
    func origin(of part: Range<Int>) -> Range<Int> {
        let start = origins[part.lowerBound]
        let next = part.upperBound < origins.count ? origins[part.upperBound] : end
        return start..<max(next, start)
    }
}
