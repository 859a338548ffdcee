import SwiftletBytes
import Testing

@testable import SwiftletText

/// Words found block by block and word by word agree with each other and with the patterns.
struct ScannerTests {
    private static let alphabet = Array("  \n\r\t'''sStTmMdDrReEvVlL aZ09 129.,;-_(){}!/$\u{0}é ")

    private func text(_ count: Int, _ random: inout SplitMix64) -> [UInt8] {
        Array(
            String((0..<count).map { _ in Self.alphabet.randomElement(using: &random) ?? " " })
                .utf8)
    }

    /// The ends of the words of `bytes`.
    private func ends(_ bytes: [UInt8], _ scanner: some WordScanner) -> [Int] {
        bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return [] }
            var ends: [Int] = []
            while ends.last ?? 0 < bytes.count {
                ends.append(scanner.wordEnd(base, ends.last ?? 0, bytes.count))
            }
            return ends
        }
    }

    private func check(_ scanner: some WordScanner) {
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
                    let block = scanner.block(base + start, left: bytes.count - start)
                    let found = scanner.starts(block, base + start) | block.last << 1
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
        #expect(certain > 50_000)
    }

    @Test("blocks of GPT-2's pattern") func gpt2() { check(GPT2Scanner()) }
    @Test("blocks of Qwen's pattern") func qwen() { check(CL100KScanner.qwen) }
    @Test("blocks of Llama 3's pattern") func llama3() { check(CL100KScanner.cl100k) }

    @Test("blocks of SmolLM's pattern") func smolLM() { check(GPT2Scanner(digits: .one)) }
    @Test("blocks of Qwen 3.5's pattern")
    func qwen35() { check(CL100KScanner(digits: .one, joinsMarks: true)) }
    @Test("blocks of cl100k's pattern with possessive quantifiers")
    func possessive() { check(CL100KScanner(digits: .all, joinsFinalSpace: true)) }
    @Test("blocks of o200k's pattern") func o200k() { check(O200KScanner()) }
    @Test("blocks of Tekken's pattern")
    func tekken() { check(O200KScanner(contraction: .none, digits: .one)) }
    @Test("blocks of DeepSeek V3's splits") func deepSeek() { check(DeepSeekScanner()) }
    @Test("blocks of DeepSeek Coder's splits") func coder() { check(LineScanner.coder) }
    @Test("blocks of DeepSeek LLM's splits") func llm() { check(LineScanner.llm) }

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
                ends(bytes, CL100KScanner.cl100k) == expected,
                "\(text.debugDescription)")
        }
    }
}
