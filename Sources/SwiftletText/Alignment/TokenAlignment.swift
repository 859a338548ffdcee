/// The finest common groups of two tokenizations of a text.
///
/// There is a cut at byte p if a token of either side begins or ends there and no token of either
/// side straddles p. Groups are what is between neighbouring cuts: they partition the bytes of the
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
/// Tokens overlap if normalization made several of them from the same bytes; they are then in one
/// group. A token without bytes cuts nothing: it belongs to the group that begins at its place or
/// straddles it, or to the last group if it is at the end of the text. Bytes that no token covers
/// on a side still belong to a group, which may then have no tokens on that side or on both.
public struct TokenAlignment: Sendable, Equatable {
    /// A group: the tokens of both sides that cover the same bytes.
    public struct Group: Sendable, Equatable {
        /// The bytes of the text.
        public var bytes: Range<Int>
        /// The tokens of the first side, as positions in its ids.
        public var a: Range<Int>
        /// The tokens of the second side, as positions in its ids.
        public var b: Range<Int>

        /// Creates a group of the given bytes and tokens.
        public init(bytes: Range<Int>, a: Range<Int>, b: Range<Int>) {
            (self.bytes, self.a, self.b) = (bytes, a, b)
        }

        /// Whether the group has one token on either side.
        public var isOneToOne: Bool { a.count == 1 && b.count == 1 }

        /// The number of tokens on both sides together.
        public var tokenCount: Int { a.count + b.count }
    }

    /// The groups in the order of the text.
    ///
    /// An empty text without tokens has none.
    public let groups: [Group]

    /// Aligns two encodings, in time linear in the number of their tokens.
    ///
    /// - Parameters:
    ///   - a: An encoding of the text.
    ///   - b: Another encoding of it. The tokens that a family adds around a text have no bytes,
    ///     and are treated like any other token without bytes.
    ///   - byteCount: The length of the text in UTF-8. Offsets beyond it count as its end, and a
    ///     token that begins before its predecessor counts as beginning with it.
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

    /// The ends of the groups of a text that is not empty.
    ///
    /// The tokens of both sides are visited in the order of their beginnings; one that begins where
    /// all earlier ones have ended begins a group.
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

    /// The ranges, limited to the text and with ascending beginnings.
    ///
    /// Those of a tokenizer already are, except for a token that is added at the end (`0..<0`).
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
