/// A normalized stretch: its bytes, and for each of them those of the stretch that it came from.
///
/// A byte that was not changed came from itself. All bytes that took the place of others came from all
/// of these, so that a piece that begins (ends) among them begins (ends) where those do.
struct NormalizedStretch {
    private(set) var bytes: [UInt8] = []
    /// Where each byte came from, and whether it is the first that was made of that.
    private var origins: [(range: Range<Int>, begins: Bool)] = []
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
    mutating func append(_ byte: UInt8, _ origin: Range<Int>, begins: Bool) {
        bytes.append(byte)
        if keepsOrigins { origins.append((origin, begins)) }
    }

    /// Adds bytes that came from nothing, in front of what `position` begins.
    mutating func append(_ added: [UInt8], before position: Int) {
        for (index, byte) in added.enumerated() {
            append(byte, position..<position, begins: index == 0)
        }
    }

    /// Adds bytes that came from nothing, at the end.
    mutating func append(atEnd added: [UInt8]) { append(added, before: end) }

    /// Drops bytes from the end; what they came from belongs to no piece.
    mutating func dropLast(_ count: Int) {
        bytes.removeLast(count)
        guard keepsOrigins else { return }
        end = origins[bytes.count].range.lowerBound
        origins.removeLast(count)
    }

    /// The bytes of the stretch that a part of the normalized text, which is not empty and inside,
    /// came from. What was dropped behind a byte goes with it.
    func origin(of part: Range<Int>) -> Range<Int> {
        let start = origins[part.lowerBound].range.lowerBound
        let next = part.upperBound
        guard next < bytes.count else { return start..<max(end, start) }
        let last =
            origins[next].begins
            ? origins[next].range.lowerBound
            : origins[next - 1].range.upperBound
        return start..<max(last, start)
    }
}
