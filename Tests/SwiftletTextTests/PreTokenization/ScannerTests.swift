import SwiftletBytes
import Testing

@testable import SwiftletText

/// Words found block by block and word by word agree with each other and with the patterns.
struct ScannerTests {
    private static let alphabet = Array("  \n\r\t'''sStTmMdDrReEvVlL aZ09 129.,;-_(){}!\u{0}é ")

    private func text(_ count: Int, _ random: inout SplitMix64) -> [UInt8] {
        Array(
            String((0..<count).map { _ in Self.alphabet.randomElement(using: &random) ?? " " })
                .utf8)
    }

    /// The ends of the words of `bytes`.
    private func ends<Scanner: WordScanner>(_ bytes: [UInt8], _ scanner: Scanner.Type) -> [Int] {
        bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return [] }
            var ends: [Int] = []
            while ends.last ?? 0 < bytes.count {
                ends.append(Scanner.wordEnd(base, ends.last ?? 0, bytes.count))
            }
            return ends
        }
    }

    private func check<Scanner: WordScanner>(_ scanner: Scanner.Type) {
        var random = SplitMix64(seed: 7)
        var certain = 0
        for _ in 0..<600 {
            let bytes = text(Int.random(in: 1...110, using: &random), &random)
            let ends = ends(bytes, scanner)
            // Blocks are read beyond the text; what is there must not matter.
            let padded = bytes + (0..<160).map { _ in UInt8.random(in: 0...255, using: &random) }
            padded.withUnsafeBufferPointer { padded in
                guard let base = padded.baseAddress else { return }
                for start in [0] + ends.dropLast() {
                    let block = ASCIIBlock(base + start, left: bytes.count - start)
                    let found = Scanner.starts(block, base + start) | block.last << 1
                    for offset in 1..<64 where block.certain >> UInt64(offset) & 1 != 0 {
                        certain += 1
                        let isEnd = ends.contains(start + offset)
                        #expect(
                            (found >> UInt64(offset) & 1 != 0) == isEnd,
                            "\(String(decoding: bytes, as: UTF8.self).debugDescription) at \(start + offset)"
                        )
                    }
                }
            }
        }
        #expect(certain > 100_000)
    }

    @Test("blocks of GPT-2's pattern") func gpt2() { check(GPT2Scanner.self) }
    @Test("blocks of Qwen's pattern") func qwen() { check(CL100KScanner<OneDigit>.self) }
    @Test("blocks of Llama 3's pattern") func llama3() { check(CL100KScanner<ThreeDigits>.self) }

    @Test("words of cl100k's pattern agree with the standard library's regular expressions")
    func pattern() {
        // For characters whose classes are the same in both.
        let pattern =
            /'(?:[sStTmMdD]|[rR][eE]|[vV][eE]|[lL][lL])|[^\r\nA-Za-zé0-9]?[A-Za-zé]+|[0-9]{1,3}| ?[^\t-\r A-Za-zé0-9]+[\r\n]*|[\t-\r ]*[\r\n]+|[\t-\r ]+(?![^\t-\r ])|[\t-\r ]+/
            .matchingSemantics(.unicodeScalar)
        var random = SplitMix64(seed: 8)
        for _ in 0..<600 {
            let bytes = text(Int.random(in: 1...60, using: &random), &random)
            let text = String(decoding: bytes, as: UTF8.self)
            var position = 0
            let expected = text.matches(of: pattern).map { match in
                position += match.output.utf8.count
                return position
            }
            #expect(
                ends(bytes, CL100KScanner<ThreeDigits>.self) == expected,
                "\(text.debugDescription)")
        }
    }

    @Test("patterns are recognised by their text")
    func known() {
        #expect(PreTokenizer(pattern: "x+") == nil)
        let qwen =
            #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
        #expect(PreTokenizer(pattern: qwen) == .qwen)
        #expect(
            PreTokenizer(pattern: qwen.replacing(#"\p{N}| ?"#, with: #"\p{N}{1,3}| ?"#)) == .cl100k)
    }
}
