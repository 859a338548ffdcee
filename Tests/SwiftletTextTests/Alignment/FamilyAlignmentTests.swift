import SwiftletBytes
import SwiftletText
import Testing
import _SwiftletTestSupport

/// All pairs of real vocabularies, on sentences, source code and the references' difficult texts:
/// the groups partition bytes and tokens and are the finest possible, and no text is lost.
@Suite(.enabled(if: TestFiles.data != nil, "SWIFTLET_DATA names no folder of real vocabularies"))
struct FamilyAlignmentTests {
    private static let families = ["gpt2", "opt", "pythia", "qwen", "qwen2", "llama3", "llama2"]

    private static func sentences(_ data: String) throws -> [String] {
        let file = try MappedFile(path: "\(data)/slurp/devel.jsonl")
        return try JSONLines(file.bytes).map { line in
            try #require(JSONValue.parse(line.text)["sentence"]?.string)
        }
    }

    /// Swift and C code of this package, as whole files and as single lines.
    private static func code() throws -> [String] {
        let files = [
            "Sources/SwiftletText/Tokenizer/TextTokenizer.swift",
            "Sources/CSwiftletKernels/softmax.c",
            "Package.swift", "Makefile",
        ]
        return try files.flatMap { name in
            let bytes = try MappedFile(path: "\(TestFiles.root)/\(name)").bytes
            let text = try UTF8Check.text(bytes)
            return [text] + text.split(separator: "\n").map(String.init)
        }
    }

    /// The references' cases, which include NFC, emoji, parts of characters and special tokens.
    private static func cases(_ data: String) throws -> [String] {
        try ["llama3", "qwen", "pythia"].flatMap {
            try GoldenCase.read("\(data)/tokenizer_cases/\($0).jsonl").map(\.text)
        }
    }

    @Test("every pair")
    func pairs() throws {
        let data = try #require(TestFiles.data)
        let tokenizers = try Self.families.map {
            try TextTokenizer(path: "\(data)/tokenizers/\($0)")
        }
        let texts = try Self.sentences(data) + Self.code() + Self.cases(data)
        #expect(texts.count > 2500)
        let encodings = try tokenizers.map {
            try $0.encode(batch: texts, threads: 2, addSpecialTokens: false)
        }
        for first in tokenizers.indices {
            for second in first..<tokenizers.count {
                for (index, text) in texts.enumerated() {
                    let (a, b) = (encodings[first][index], encodings[second][index])
                    let alignment = TokenAlignment(a: a, b: b, byteCount: text.utf8.count)
                    Self.check(alignment, a, b, text.utf8.count)
                    if text.utf8.count < 200 {
                        let expected = ReferenceAlignment.groups(
                            a.offsets, b.offsets, byteCount: text.utf8.count)
                        #expect(alignment.groups == expected, "\(text.debugDescription)")
                    }
                }
            }
        }
    }

    @Test("no text is lost", arguments: families)
    func losses(_ family: String) throws {
        let data = try #require(TestFiles.data)
        let tokenizer = try TextTokenizer(path: "\(data)/tokenizers/\(family)")
        let pair = TokenizerPair(tokenizer, tokenizer)
        let texts = try Self.sentences(data) + Self.code() + Self.cases(data)
        for aligned in try pair.align(batch: texts, threads: 2) where !aligned.isWhole {
            Issue.record("\(aligned.lossA) of \(aligned.text.debugDescription)")
        }
    }

    /// Checks that the groups follow one another and contain every byte and token.
    private static func check(
        _ alignment: TokenAlignment, _ a: Encoding, _ b: Encoding, _ byteCount: Int
    ) {
        var (byte, tokenA, tokenB) = (0, 0, 0)
        var isGapless = true
        for group in alignment.groups {
            isGapless =
                isGapless && group.bytes.lowerBound == byte && !group.bytes.isEmpty
                && group.a.lowerBound == tokenA && group.b.lowerBound == tokenB
            (byte, tokenA, tokenB) = (
                group.bytes.upperBound, group.a.upperBound, group.b.upperBound
            )
        }
        #expect(isGapless)
        #expect([byte, tokenA, tokenB] == [byteCount, a.ids.count, b.ids.count])
    }
}
