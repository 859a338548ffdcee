/// How two tokenizations of one text lie beside each other: its finest common groups.
///
/// A cut lies at byte p where a token of either side begins or ends and no token of either side
/// straddles p. The groups are what lies between neighbouring cuts: they partition the bytes of the
/// text and the tokens of both sides, in order.
///
/// ```swift
/// let a = Encoding(ids: [1, 2, 3], offsets: [0..<4, 4..<8, 8..<9])     // play|ing!|s
/// let b = Encoding(ids: [7, 8], offsets: [0..<4, 4..<9])               // play|ing!s
/// let alignment = TokenAlignment(a: a, b: b, byteCount: 9)
/// for group in alignment.groups { print(group.bytes, group.a, group.b) }
/// // 0..<4 0..<1 0..<1
/// // 4..<9 1..<3 1..<2
/// ```
///
/// Tokens may overlap, where a normalization made several of the same bytes; they are then in one
/// group. A token without bytes cuts nothing; it is in the group that begins at its place or
/// straddles it, at the end of the text in the last one. Bytes that no token of a side stands for
/// are in a group all the same, which then may lack tokens of that side, or of both.
public struct TokenAlignment: Sendable, Equatable {
    /// A group: the same bytes by both sides.
    public struct Group: Sendable, Equatable {
        /// The bytes of the text.
        public var bytes: Range<Int>
        /// The tokens of the one side, as positions in its ids.
        public var a: Range<Int>
        /// The tokens of the other side.
        public var b: Range<Int>

        /// A group of the given bytes and tokens.
        public init(bytes: Range<Int>, a: Range<Int>, b: Range<Int>) {
            (self.bytes, self.a, self.b) = (bytes, a, b)
        }

        /// Whether it is one token on each side.
        public var isOneToOne: Bool { a.count == 1 && b.count == 1 }

        /// The tokens of both sides together.
        public var tokenCount: Int { a.count + b.count }
    }

    /// The groups, in the order of the text; none for an empty text without tokens.
    public let groups: [Group]

    /// Aligns two encodings, in time linear in their tokens.
    ///
    /// - Parameters:
    ///   - a: an encoding of the text.
    ///   - b: another one. Tokens that a family adds around a text stand for no bytes; they are
    ///     taken like any token without bytes.
    ///   - byteCount: the length of the text in UTF-8. Offsets beyond it count as its end, and one
    ///     that goes back as where the token before begins.
    public init(a: Encoding, b: Encoding, byteCount: Int) {
        let a = Self.inOrder(a.offsets, byteCount)
        let b = Self.inOrder(b.offsets, byteCount)
        guard byteCount > 0 else {
            groups =
                a.isEmpty && b.isEmpty
                ? [] : [Group(bytes: 0..<0, a: a.indices, b: b.indices)]
            return
        }
        let ends = Self.cuts(a, b, byteCount)
        var groups: [Group] = []
        groups.reserveCapacity(ends.count)
        var (start, nextA, nextB) = (0, 0, 0)
        for end in ends {
            let isLast = end == byteCount
            let (firstA, firstB) = (nextA, nextB)
            while nextA < a.count, isLast || a[nextA].lowerBound < end { nextA += 1 }
            while nextB < b.count, isLast || b[nextB].lowerBound < end { nextB += 1 }
            groups.append(Group(bytes: start..<end, a: firstA..<nextA, b: firstB..<nextB))
            start = end
        }
        self.groups = groups
    }

    /// The ends of the groups of a text that is not empty: both sides' tokens are walked in the order
    /// of their beginnings, and a token that begins where all before have ended begins a group.
    private static func cuts(_ a: [Range<Int>], _ b: [Range<Int>], _ byteCount: Int) -> [Int] {
        var ends: [Int] = []
        ends.reserveCapacity(min(a.count, b.count) + 1)
        var (last, reach, nextA, nextB) = (0, 0, 0, 0)
        func cut(_ position: Int) {
            guard position > last else { return }
            ends.append(position)
            last = position
        }
        while nextA < a.count || nextB < b.count {
            let range: Range<Int>
            if nextB == b.count || (nextA < a.count && a[nextA].lowerBound <= b[nextB].lowerBound) {
                range = a[nextA]
                nextA += 1
            } else {
                range = b[nextB]
                nextB += 1
            }
            if range.isEmpty { continue }
            if range.lowerBound >= reach {
                cut(reach)
                cut(range.lowerBound)
            }
            reach = max(reach, range.upperBound)
        }
        cut(reach)
        cut(byteCount)
        return ends
    }

    /// The ranges inside the text with beginnings that never go back: what a tokenizer gives is so
    /// already, but for a token that is added at the end (`0..<0`).
    private static func inOrder(_ ranges: [Range<Int>], _ byteCount: Int) -> [Range<Int>] {
        var least = 0
        let isInOrder = ranges.allSatisfy { range in
            defer { least = range.lowerBound }
            return range.lowerBound >= least && range.upperBound <= byteCount
        }
        if isInOrder { return ranges }
        least = 0
        return ranges.map { range in
            least = min(max(least, range.lowerBound), byteCount)
            return least..<max(least, min(range.upperBound, byteCount))
        }
    }
}
