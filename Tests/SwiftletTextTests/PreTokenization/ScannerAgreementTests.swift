import SwiftletBytes
import Testing

@testable import SwiftletText

/// Words of scanners are those of their patterns, matched by Oniguruma.
@Suite(
    "Scanners and Oniguruma",
    .enabled("libonig is not installed") { (try? GeneralPattern("a")) != nil })
struct ScannerAgreementTests {
    private static let ascii =
        "  \n\r\t'''sStTmMdDrReEvVlLaZzYA09 129.,;-_(){}!/$+<\u{0}\u{1}\u{7F}"
        .unicodeScalars.map { String($0) }
    /// Characters of all categories, with the first and last of ranges that patterns list.
    private static let others =
        "éÉßſʰªǅ好一龥カの゛。\u{301}\u{300}\u{93E}\u{A0}\u{2003}\u{2028}\u{85}①Ⅷ½٣𝒜😀＋Ａａ１‘‟\u{200B}\u{FEFF}한ế\u{801}ؤ\u{E000}\u{378}\u{10400}𐒰İ\u{212A}\u{3000}\u{3000}ʼ\u{11DE3}\u{16FF4}"
        .unicodeScalars.map { String($0) }
    private static let snippets = [
        "it's", "IT'S", "'ll", "'LL", "we'Re", "1234567", "fooBarBAZ", "HTMLParser", "好好", "é",
        "\t", " !", "!\n", "\n/", "//", "\r\n", "/", "'", "x", "\n", "    ", " \u{3000}",
    ]

    private func text(_ random: inout SplitMix64) -> String {
        let count = [3, 8, 20, 70, 150].randomElement(using: &random) ?? 20
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4: return pick(Self.ascii, count, &random)
        case 4..<7: return pick(Self.ascii + Self.others, count, &random)
        case 7: return pick(Self.others, count, &random)
        default:
            let spaces = String(repeating: " ", count: Int.random(in: 1...70, using: &random))
            return pick(Self.snippets + [spaces], count / 2 + 1, &random)
        }
    }

    private func pick(_ parts: [String], _ count: Int, _ random: inout SplitMix64) -> String {
        (0..<count).map { _ in parts.randomElement(using: &random) ?? "" }.joined()
    }

    /// The ends of the words as `CachedWords` finds them, a block or a word at a time.
    private func ends(_ bytes: [UInt8], _ scanner: some WordScanner) -> [Int] {
        // Blocks are read beyond the text.
        (bytes + [UInt8](repeating: 0x27, count: 160)).withUnsafeBufferPointer { padded in
            guard let base = padded.baseAddress else { return [] }
            var ends: [Int] = []
            var start = 0
            while start < bytes.count {
                var starts: UInt64 = 0
                if base[start] < 0x80 {
                    let block = scanner.block(base + start, left: bytes.count - start)
                    starts = scanner.starts(block, base + start) | block.last << 1
                    starts &= block.certain & ~1
                }
                if starts == 0 {
                    start = scanner.wordEnd(base, start, bytes.count)
                    ends.append(start)
                    continue
                }
                let from = start
                while starts != 0 {
                    start = from + starts.trailingZeroBitCount
                    starts &= starts - 1
                    ends.append(start)
                }
            }
            return ends
        }
    }

    private func ends(_ bytes: [UInt8], _ scanner: PreTokenizer) -> [Int] {
        switch scanner {
        case .spaced(let scanner): ends(bytes, scanner)
        case .joined(let scanner): ends(bytes, scanner)
        case .cased(let scanner): ends(bytes, scanner)
        case .deepSeek(let scanner): ends(bytes, scanner)
        case .lines(let scanner): ends(bytes, scanner)
        case .whole: ends(bytes, WholeScanner())
        }
    }

    @Test("every pattern that has a scanner", arguments: KnownPattern.all)
    func agreement(_ known: KnownPattern) throws {
        #expect(
            ScannerRecognition.scanner(known.steps, usesPattern: known.usesPattern)
                == known.scanner)
        var splits: [SplitStep] = []
        let last: [ScannerRecognition.Step] =
            known.usesPattern ? [.pattern(ScannerRecognition.gpt2)] : []
        for step in known.steps + last {
            switch step {
            case .digits(let areSeparate): splits.append(.digits(areIndividual: areSeparate))
            case .pattern(let pattern):
                splits.append(
                    .pattern(
                        PatternSplit(
                            pattern: .regex(try GeneralPattern(pattern)), behavior: .isolated,
                            isInverted: false)))
            }
        }
        var random = SplitMix64(seed: 13)
        for _ in 0..<4000 {
            let bytes = Array(text(&random).utf8)
            var pieces = [0..<bytes.count]
            try bytes.withUnsafeBufferPointer { text in
                for split in splits {
                    var finer: [Range<Int>] = []
                    for piece in pieces { try split.cut(text, piece, into: &finer) }
                    pieces = finer
                }
            }
            let expected = pieces.map(\.upperBound)
            let found = ends(bytes, known.scanner)
            #expect(
                found == expected, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
            guard found == expected else { return }
        }
    }

    @Test("patterns that differ in what they match have no scanner")
    func unknown() {
        let cl100k = KnownPattern.cl100k
        let changes = [
            (#"\p{N}{1,3}"#, #"\p{N}{1,2}"#), (#"\s+(?!\S)"#, #"\s+(?!x)"#), ("|'d)", ")"),
            (#"[^\r\n\p{L}"#, #"[^\r\p{L}"#), (#"|\s*[\r\n]+"#, ""),
            (#"]?\p{L}+"#, #"]?+[\p{L}\p{M}]+"#),
        ]
        for (part, other) in changes {
            let changed = cl100k.replacing(part, with: other)
            #expect(changed != cl100k)
            #expect(
                ScannerRecognition.scanner([.pattern(changed)], usesPattern: false) == nil,
                "\(changed)")
        }
        #expect(ScannerRecognition.scanner([], usesPattern: false) == nil)
        let single = cl100k.replacing("{1,3}", with: "")
        #expect(
            ScannerRecognition.scanner(
                [.pattern(#"\p{N}{1,3}"#), .pattern(single)], usesPattern: false) == nil)
    }
}
