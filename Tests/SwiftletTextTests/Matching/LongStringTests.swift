import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletText

/// Strings in a tokenizer's file for which comparing from every place of a text would take more
/// than 10¹⁰ steps.
struct LongStringTests {
    private static let run = String(repeating: "a", count: 100_000)
    /// A string that a long run of `a` has nearly everywhere, and its end alone.
    private static let long = run + "b"
    private static let text = run + run + long

    @Test("a long added token, and one that is its beginning")
    func addedTokens() throws {
        let plain = try SmallVocabulary.adding([])
        let one = try SmallVocabulary.adding([["content": .string(Self.long)]])
        let before = try plain.encodeIDs(Self.run + Self.run)
        #expect(try one.encodeIDs(Self.text) == before + [512])
        let encoding = try one.encode(Self.text)
        #expect(encoding.ids == before + [512])
        #expect(encoding.offsets.last == 200_000..<300_001)
        let two = try SmallVocabulary.adding([
            ["content": .string(Self.long)], ["content": .string("aa")],
        ])
        let pairs = [Int32](repeating: 513, count: 100_000)
        #expect(try two.encodeIDs(Self.run + Self.run) == pairs)
        #expect(try two.encodeIDs(Self.text) == pairs + [512])
    }

    @Test("tokens of white space that take the white space around them")
    func strippingTokens() throws {
        let space = "\u{3000}"
        let count = 150_000
        let text = String(repeating: space, count: count)
        let left = try SmallVocabulary.adding([
            ["content": .string(space), "lstrip": .bool(true)]
        ])
        #expect(try left.encodeIDs(text) == [Int32](repeating: 512, count: count))
        let right = try SmallVocabulary.adding([
            ["content": .string(space), "rstrip": .bool(true)]
        ])
        let encoding = try right.encode(text)
        #expect(encoding.ids == [Int32](repeating: 512, count: count))
        #expect(encoding.offsets == (0..<count).map { 3 * $0..<3 * count })
    }

    @Test("a long literal that is replaced or split at, and one that is decoded")
    func literals() throws {
        let literal = try #require(LiteralPattern(Array(Self.long.utf8)))
        var found: [Range<Int>] = []
        let text = Array(Self.text.utf8)
        text.withUnsafeBufferPointer { literal.forEachMatch(in: $0) { found.append($0) } }
        #expect(found == [200_000..<300_001])
        let decoded = text.replacing(literal: Array(Self.long.utf8), by: [0x20])
        #expect(decoded.count == 200_001 && decoded.last == 0x20)
    }

    @Test("a long Unigram token")
    func unigram() throws {
        let model = try UnigramPathTests.model([("<unk>", 0), ("a", -1), (Self.long, -2)])
        let ids = [Int32](repeating: 1, count: 200_000)
        #expect(try UnigramPathTests.ids(model, Self.run + Self.run) == ids)
        #expect(try UnigramPathTests.ids(model, Self.text) == ids + [2])
    }

    @Test("a long user-defined piece of a SentencePiece model, with and without rules")
    func userDefinedPiece() throws {
        let model = ModelBytes.model(ModelBytes.piece(Self.long, type: 4))
        let long: Int32 = 4
        let plain = try ModelBytes.load(model).encodeIDs(Self.text)
        #expect(plain == [1] + [Int32](repeating: 2, count: 200_000) + [long])
        // A rule that makes b of a, except in the user-defined piece.
        var trie = MalformedModelTests.unused(768)
        trie[0] = 256 << 10
        trie[256 ^ 0x61] = UInt32((256 ^ 0x61) ^ 512) << 10 | 1 << 8 | 0x61
        trie[512] = 1 << 31 | 0
        let rules = ModelBytes.rules(trie: trie, replacements: [0x62, 0])
        let changed = try ModelBytes.load(model + rules).encodeIDs(Self.text)
        #expect(changed == [1] + [Int32](repeating: 3, count: 200_000) + [long])
    }
}
