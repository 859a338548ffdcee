import SwiftletBytes
import SwiftletText
import Testing
import _SwiftletTestSupport

/// Groups joined to words.
struct WordGroupTests {
    /// An encoding with tokens of the given texts, one after another.
    private static func encoding(_ parts: [String]) -> Encoding {
        var encoding = Encoding()
        var position = 0
        for (index, part) in parts.enumerated() {
            encoding.ids.append(Int32(index))
            encoding.offsets.append(position..<position + part.utf8.count)
            position += part.utf8.count
        }
        return encoding
    }

    private static func words(_ a: [String], _ b: [String]) -> [String] {
        let text = a.joined()
        let alignment = TokenAlignment(
            a: encoding(a), b: encoding(b), byteCount: text.utf8.count)
        let words = alignment.words(of: text.utf8)
        // Nothing is lost, and a word has the tokens that begin in it.
        #expect(words.first?.bytes.lowerBound ?? 0 == 0)
        for (word, next) in zip(words, words.dropFirst()) {
            #expect(word.bytes.upperBound == next.bytes.lowerBound)
            #expect(word.a.upperBound == next.a.lowerBound)
            #expect(word.b.upperBound == next.b.lowerBound)
        }
        #expect(words.last?.a.upperBound ?? 0 == a.count)
        #expect(words.last?.b.upperBound ?? 0 == b.count)
        let bytes = Array(text.utf8)
        return words.map { String(decoding: bytes[$0.bytes], as: UTF8.self) }
    }

    @Test("the words of a text that two tokenizers split")
    func tokenizers() throws {
        let small = TestFiles.fixture("bpe-small")
        let (weak, strong) = (
            try TextTokenizer(path: small),
            try TextTokenizer(path: TestFiles.fixture("bpe-families/llama3"))
        )
        let pair = TokenizerPair(weak, strong)
        let aligned = try pair.align(" the lighthouse keeper")
        let words = aligned.alignment.words(of: aligned.text.utf8)
        #expect(words.map(\.bytes) == [0..<4, 4..<15, 15..<22])
    }

    @Test("a word includes the white space before it and its punctuation")
    func plain() {
        #expect(
            Self.words(
                [" The", " light", "house", ",", " Ada"], [" The", " lighthouse", ", ", "Ada"])
                == [" The", " lighthouse, Ada"])
        #expect(
            Self.words(["a", " \n", "\t", "b."], ["a", " \n\tb", "."]) == ["a", " \n\tb."])
        #expect(
            Self.words(["one", " two", " "], ["o", "ne", " two", " "]) == ["one", " two", " "])
    }

    @Test("a token that extends beyond a word joins it with the next")
    func joined() {
        #expect(Self.words(["of", " the", " sea"], ["of the", " sea"]) == ["of the", " sea"])
        #expect(Self.words(["of", " the", " sea"], ["of", " the sea"]) == ["of", " the sea"])
        #expect(Self.words(["a b", " c"], ["a", " b c"]) == ["a b c"])
    }

    @Test("only white space, no white space, no text")
    func extremes() {
        #expect(Self.words([" ", " ", "\n"], [" ", " ", "\n"]) == ["  \n"])
        #expect(Self.words(["light", "house"], ["light", "house"]) == ["lighthouse"])
        #expect(Self.words([], []) == [])
        // No-break and ideographic spaces do not end words.
        #expect(
            Self.words(["a", "\u{A0}", "b", "\u{3000}c"], ["a", "\u{A0}", "b", "\u{3000}c"])
                == ["a\u{A0}b\u{3000}c"])
    }

    @Test("random cuts agree with the definition of the method")
    func random() {
        var random = SplitMix64(seed: 12)
        let characters = Array("ab  \n\té")
        for _ in 0..<2000 {
            let text = String(
                (0..<Int.random(in: 1...16, using: &random)).map { _ in
                    characters.randomElement(using: &random) ?? "a"
                })
            func cut() -> [String] {
                var parts: [String] = []
                for character in text {
                    if parts.isEmpty || Bool.random(using: &random) {
                        parts.append("\(character)")
                    } else {
                        parts[parts.count - 1].append(character)
                    }
                }
                return parts
            }
            let (a, b) = (cut(), cut())
            #expect(Self.words(a, b) == Self.reference(a, b), "\(a) \(b)")
        }
    }

    /// The beginnings of words that are ends of tokens on both sides.
    private static func reference(_ a: [String], _ b: [String]) -> [String] {
        let bytes = Array(a.joined().utf8)
        let white = Set(" \t\n\r".utf8)
        func ends(_ parts: [String]) -> Set<Int> { Set(encoding(parts).offsets.map(\.upperBound)) }
        let starts = (1..<max(bytes.count, 1)).filter { place in
            white.contains(bytes[place]) && !white.contains(bytes[place - 1])
                && ends(a).contains(place) && ends(b).contains(place)
        }
        return zip([0] + starts, starts + [bytes.count]).map {
            String(decoding: bytes[$0..<$1], as: UTF8.self)
        }
    }
}
