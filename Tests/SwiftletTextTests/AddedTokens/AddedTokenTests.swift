import SwiftletBytes
import SwiftletText
import Testing
import _SwiftletTestSupport

/// Added tokens in text, compared with tokenizers 0.23.3 for the same tokens on the small
/// vocabulary.
///
/// The ids of added tokens start at 512.
struct AddedTokenTests {
    private typealias Case = (text: String, ids: [Int32])

    private func check(_ tokenizer: TextTokenizer, _ cases: [Case]) throws {
        for (text, ids) in cases {
            #expect(try tokenizer.encodeIDs(text) == ids, "\(text.debugDescription)")
            #expect(try tokenizer.encode(text).ids == ids, "\(text.debugDescription)")
        }
    }

    @Test("lstrip and rstrip include white space, no further than the token before")
    func strip() throws {
        let tokenizer = try SmallVocabulary.adding([
            ["content": .string("<m>"), "lstrip": .bool(true), "rstrip": .bool(true)]
        ])
        try check(
            tokenizer,
            [
                ("a  <m>  b", [64, 512, 65]), ("a\n<m>\u{3000}b", [64, 512, 65]),
                ("<m>  <m>", [512, 512]), ("  <m><m>  ", [512, 512]),
            ])
        #expect(try tokenizer.encode("a\n<m>\u{3000}b").offsets == [0..<1, 1..<8, 8..<9])
        #expect(try tokenizer.encode("<m>  <m>").offsets == [0..<5, 5..<8])
        #expect(try tokenizer.encode("  <m><m>  ").offsets == [0..<5, 5..<10])
    }

    @Test("single_word tokens count only where no word character touches them")
    func singleWord() throws {
        let tokenizer = try SmallVocabulary.adding([
            ["content": .string("<w>"), "single_word": .bool(true)]
        ])
        try check(
            tokenizer,
            [
                ("<w>1", [27, 86, 29, 16]), ("_<w>", [62, 27, 86, 29]),
                ("<w>\u{24B6}", [27, 86, 29, 158, 240, 114]), ("<w>.", [512, 13]),
                ("x<w><w>", [87, 27, 86, 29, 512]), ("<w>\u{BD}", [512, 126, 121]),
                ("<w>\u{2167}", [27, 86, 29, 158, 227, 100]),
                ("\u{301}<w>", [136, 223, 27, 86, 29]),
            ])
    }

    @Test("the leftmost and longest token wins; those that are not normalized go first")
    func order() throws {
        let tokenizer = try SmallVocabulary.adding([
            ["content": .string("ab"), "normalized": .bool(true)],
            ["content": .string("abc"), "normalized": .bool(true)],
            ["content": .string("c!"), "normalized": .bool(false)],
        ])
        try check(
            tokenizer,
            [
                ("abcab b abc", [513, 512, 270, 220, 513]), ("abc!", [512, 514]),
                ("xab", [87, 512]),
            ])
    }

    @Test("white space that belongs to a token may be another token too, as in the reference")
    func overlap() throws {
        let tokenizer = try SmallVocabulary.adding([
            ["content": .string("<m>"), "rstrip": .bool(true), "normalized": .bool(false)],
            ["content": .string("  "), "normalized": .bool(false)],
        ])
        try check(tokenizer, [("<m>  x", [512, 513, 87]), ("a  <m>", [64, 513, 512])])
        #expect(try tokenizer.encode("<m>  x").offsets == [0..<5, 3..<5, 5..<6])
    }

    @Test("only special tokens are skipped on request")
    func special() throws {
        let tokenizer = try SmallVocabulary.adding([
            ["content": .string("<s p>"), "special": .bool(true)],
            ["content": .string("<n>"), "special": .bool(false)],
        ])
        #expect(tokenizer.isSpecial(512))
        #expect(!tokenizer.isSpecial(513))
        #expect(!tokenizer.isSpecial(514) && !tokenizer.isSpecial(-1))
        #expect(try tokenizer.decode([64, 512, 513], skipSpecialTokens: true) == "a<n>")
        #expect(try tokenizer.decode([64, 512, 513]) == "a<s p><n>")
        #expect(tokenizer.vocabularyCount == 514)
    }
}
