import SwiftletBytes
import SwiftletText
import Testing

/// The common groups of two lists of tokens.
struct TokenAlignmentTests {
    private static func align(_ a: [Range<Int>], _ b: [Range<Int>], _ byteCount: Int)
        -> TokenAlignment
    {
        func encoding(_ ranges: [Range<Int>]) -> Encoding {
            Encoding(ids: ranges.indices.map { Int32($0) }, offsets: ranges)
        }
        return TokenAlignment(a: encoding(a), b: encoding(b), byteCount: byteCount)
    }

    private typealias Group = TokenAlignment.Group

    @Test("tokens that end together end a group")
    func common() {
        #expect(
            Self.align([0..<4, 4..<8, 8..<9], [0..<4, 4..<9], 9).groups == [
                Group(bytes: 0..<4, a: 0..<1, b: 0..<1), Group(bytes: 4..<9, a: 1..<3, b: 1..<2),
            ])
    }

    @Test("an empty text has no groups, except for tokens without bytes")
    func empty() {
        #expect(Self.align([], [], 0).groups == [])
        #expect(Self.align([0..<0], [], 0).groups == [Group(bytes: 0..<0, a: 0..<1, b: 0..<0)])
    }

    @Test("a token without bytes belongs to what follows, at the end to the last group")
    func withoutBytes() {
        #expect(
            Self.align([0..<0, 0..<2, 2..<2, 2..<3, 3..<3], [0..<2, 2..<3], 3).groups == [
                Group(bytes: 0..<2, a: 0..<2, b: 0..<1), Group(bytes: 2..<3, a: 2..<5, b: 1..<2),
            ])
        // It cuts nothing, and does not keep others from cutting.
        #expect(
            Self.align([0..<3, 3..<4], [0..<1, 1..<1, 1..<4], 4).groups == [
                Group(bytes: 0..<4, a: 0..<2, b: 0..<3)
            ])
    }

    @Test("overlapping tokens are one group")
    func overlapping() {
        #expect(
            Self.align([0..<1, 1..<4, 1..<4, 4..<5], [0..<1, 1..<4, 4..<5], 5).groups == [
                Group(bytes: 0..<1, a: 0..<1, b: 0..<1), Group(bytes: 1..<4, a: 1..<3, b: 1..<2),
                Group(bytes: 4..<5, a: 3..<4, b: 2..<3),
            ])
    }

    @Test("bytes without tokens still belong to groups")
    func uncovered() {
        #expect(
            Self.align([2..<3], [0..<1, 1..<3], 6).groups == [
                Group(bytes: 0..<1, a: 0..<0, b: 0..<1), Group(bytes: 1..<3, a: 0..<1, b: 1..<2),
                Group(bytes: 3..<6, a: 1..<1, b: 2..<2),
            ])
        #expect(Self.align([], [], 3).groups == [Group(bytes: 0..<3, a: 0..<0, b: 0..<0)])
    }

    @Test("no token is lost if offsets go back or beyond the text")
    func disorder() {
        // A BOS and an EOS, which have no bytes.
        #expect(
            Self.align([0..<0, 0..<2, 2..<4, 0..<0], [0..<2, 2..<4], 4).groups == [
                Group(bytes: 0..<2, a: 0..<2, b: 0..<1), Group(bytes: 2..<4, a: 2..<4, b: 1..<2),
            ])
        #expect(
            Self.align([0..<9, 9..<12], [0..<2], 4).groups == [
                Group(bytes: 0..<4, a: 0..<2, b: 0..<1)
            ])
    }

    @Test("random cuts, gaps, overlaps and tokens without bytes agree with the definition")
    func random() {
        var random = SplitMix64(seed: 11)
        var shapes: Set<Int> = []
        for _ in 0..<6000 {
            let count = Int.random(in: 0...14, using: &random)
            let a = Self.tokens(count, &random)
            let b = Self.tokens(count, &random)
            let groups = Self.align(a, b, count).groups
            #expect(
                groups == ReferenceAlignment.groups(a, b, byteCount: count), "\(count) \(a) \(b)")
            shapes.formUnion(groups.map { min($0.a.count, 4) * 5 + min($0.b.count, 4) })
        }
        // Every small shape occurred, including groups without any token.
        #expect(shapes.count == 25)
    }

    /// Random tokens with ascending beginnings and ends, like those of a tokenizer.
    private static func tokens(_ count: Int, _ random: inout SplitMix64) -> [Range<Int>] {
        var tokens: [Range<Int>] = []
        var (start, end) = (0, 0)
        while end < count || Int.random(in: 0..<4, using: &random) == 0 {
            switch Int.random(in: 0..<12, using: &random) {
            case 0: start = end
            case 1 where end < count: (start, end) = (end + 1, end + 1)
            case 2 where end > start: end = min(count, end + Int.random(in: 0...2, using: &random))
            default: (start, end) = (end, min(count, end + Int.random(in: 1...4, using: &random)))
            }
            tokens.append(start..<end)
        }
        if Int.random(in: 0..<5, using: &random) == 0 { tokens.removeLast(min(2, tokens.count)) }
        return tokens
    }
}
