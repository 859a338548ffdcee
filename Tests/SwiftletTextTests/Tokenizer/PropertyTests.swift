import SwiftletBytes
import SwiftletText
import Testing
import _SwiftletTestSupport

/// Properties that hold for every text, checked on random ones.
struct PropertyTests {
    @Test("random ASCII: the ids are those of naive BPE on the words of the pattern")
    func ascii() throws {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        let naive = try NaiveBPE()
        var random = SplitMix64(seed: 1)
        let alphabet = Array("  \n\t\r'''stmdrevl aeiounhTHE 0129.,;:-_(){}<>!/\u{0}\u{1F}")
        for _ in 0..<400 {
            let count = Int.random(in: 0...120, using: &random)
            let text = String(
                (0..<count).map { _ in alphabet.randomElement(using: &random) ?? " " })
            let expected = NaiveBPE.words(text).flatMap { naive.merge(Array($0.utf8)) }
            #expect(try tokenizer.encodeIDs(text) == expected, "\(text.debugDescription)")
        }
    }

    @Test("runs of every length around the widths that the scanner reads at once")
    func runs() throws {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        let naive = try NaiveBPE()
        for run in [" ", "a", "Z", "7", "-", "\n", "\t "] {
            for count in 0..<36 {
                for (before, after) in [("", ""), ("", "x"), ("q ", " y"), ("'", "['|{@`\u{7F}")] {
                    for padding in ["", String(repeating: ".", count: 30)] {
                        let text = before + String(repeating: run, count: count) + after + padding
                        let words = NaiveBPE.words(text)
                        let expected = words.flatMap { naive.merge(Array($0.utf8)) }
                        #expect(
                            try tokenizer.encodeIDs(text) == expected, "\(text.debugDescription)")
                    }
                }
            }
        }
    }

    @Test("letters beyond ASCII continue a word of ASCII letters")
    func beyondASCII() throws {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        let naive = try NaiveBPE()
        for count in 0..<20 {
            let word = String(repeating: "n", count: count) + "é"
            let text = word + String(repeating: ".", count: 40)
            let expected =
                naive.merge(Array(word.utf8)) + naive.merge([UInt8](repeating: 0x2E, count: 40))
            #expect(try tokenizer.encodeIDs(text) == expected, "\(text)")
        }
    }

    @Test("random Unicode: tokens partition the bytes and decode to the text")
    func partition() throws {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        var random = SplitMix64(seed: 2)
        for _ in 0..<400 {
            var text = ""
            for _ in 0..<Int.random(in: 0...60, using: &random) {
                let top: UInt32 =
                    [0x80, 0x800, 0x10000, 0x110000].randomElement(using: &random) ?? 0
                let code = UInt32.random(in: 0..<top, using: &random)
                text.unicodeScalars.append(Unicode.Scalar(code) ?? " ")
            }
            let encoding = try tokenizer.encode(text)
            #expect(try encoding.ids == tokenizer.encodeIDs(text))
            var position = 0
            for (id, range) in zip(encoding.ids, encoding.offsets) {
                #expect(range.lowerBound == position)
                #expect(tokenizer.bytes(of: id) == Array(Array(text.utf8)[range]))
                position = range.upperBound
            }
            #expect(position == text.utf8.count)
            #expect(encoding.offsets.count == encoding.ids.count)
            #expect(try tokenizer.decode(encoding.ids) == text)
        }
    }

    @Test(
        "long words are merged like short ones",
        arguments: ["a", " ", "the", "lighthouse", "é", "=-"])
    func longWords(_ unit: String) throws {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        let naive = try NaiveBPE()
        for count in [1, 2, 47, 48, 49, 50, 127, 128, 129, 700] {
            let bytes = Array(String(repeating: unit, count: count).utf8.prefix(count))
            guard let text = String(validating: bytes, as: UTF8.self) else { continue }
            #expect(
                try tokenizer.encodeIDs(text) == naive.merge(bytes), "\(unit) to \(count) bytes")
        }
    }

    @Test(
        "random long words are merged as by naive BPE, whatever the order of the merges",
        arguments: ["as trained", "reversed", "shuffled"])
    func randomLongWords(_ order: String) throws {
        var random = SplitMix64(seed: 3)
        var merges = try SmallVocabulary.text("merges.txt").split(separator: "\n").dropFirst()
        if order == "reversed" { merges.reverse() }
        if order == "shuffled" { merges.shuffle(using: &random) }
        let text = "#version: 0.2\n" + merges.joined(separator: "\n")
        let folder = try SmallVocabulary.copy(["vocab.json"])
        try SmallVocabulary.write(text, folder.file("merges.txt"))
        let tokenizer = try TextTokenizer(path: folder.path)
        let naive = try NaiveBPE(merges: text)
        let letters = Array("ethlighousanr".utf8)
        for _ in 0..<80 {
            let count = Int.random(in: 20...400, using: &random)
            var word = (0..<count).map { _ in letters.randomElement(using: &random) ?? 0 }
            if Bool.random(using: &random) { word += word.prefix(9) + word.prefix(9) }
            let text = String(decoding: word, as: UTF8.self)
            #expect(try tokenizer.encodeIDs(text) == naive.merge(word), "\(text)")
        }
        for count in [49, 60, 200] {
            let run = [UInt8](repeating: UInt8(ascii: "e"), count: count)
            #expect(
                try tokenizer.encodeIDs(String(decoding: run, as: UTF8.self)) == naive.merge(run))
        }
    }

    @Test(
        "a word of a megabyte takes little time, and begins like a shorter one",
        arguments: ["a", " ", "lighthouse", "qz"])
    func megabyte(_ unit: String) throws {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        let text = String(repeating: unit, count: 1_000_000 / unit.utf8.count)
        let ids = try tokenizer.encodeIDs(text)
        #expect(try tokenizer.decode(ids) == text)
        let short = try tokenizer.encodeIDs(String(repeating: unit, count: 200))
        let naive = try NaiveBPE().merge(Array(String(repeating: unit, count: 200).utf8))
        #expect(short == naive)
        // Far from the ends, the tokens repeat.
        #expect(Array(ids.prefix(20)) == Array(naive.prefix(20)))
    }

    @Test("a tokenizer gives the same results when used again, and by several threads")
    func threads() throws {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        let cases = try GoldenCase.read(TestFiles.fixture("bpe-small/golden.jsonl"))
        let texts = (0..<20).flatMap { _ in cases.map(\.text) }
        let expected = (0..<20).flatMap { _ in
            cases.map { Encoding(ids: $0.ids, offsets: $0.offsets) }
        }
        for threads in [1, 2, 7] {
            #expect(try tokenizer.encode(batch: texts, threads: threads) == expected)
        }
        #expect(try tokenizer.encode(batch: [], threads: 3).isEmpty)
    }

    @Test("words that share places in the caches are not confused")
    func caches() throws {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        let naive = try NaiveBPE()
        var random = SplitMix64(seed: 4)
        let letters = Array("abcdefghijklmnopqrstuvwxyz".utf8)
        var words: [[UInt8]] = []
        for _ in 0..<3000 {
            let count = Int.random(in: 1...24, using: &random)
            words.append((0..<count).map { _ in letters.randomElement(using: &random) ?? 0 })
        }
        let repeated = words + words.reversed()
        let text = repeated.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
        var expected: [Int32] = []
        for (index, word) in repeated.enumerated() {
            if index > 0 { expected += naive.merge([0x0A]) }
            expected += naive.merge(word)
        }
        #expect(try tokenizer.encodeIDs(text) == expected)
    }
}
