import SwiftletBytes
import SwiftletSentencePiece
import SwiftletText
import Testing
import _SwiftletTestSupport

/// Ids, offsets and decoded text, compared with SentencePiece.
struct SentencePieceGoldenTests {
    @Test(
        "small models of all algorithms",
        arguments: [
            "bpe-bytes", "bpe-nfkc", "bpe-suffix", "bpe-unused", "bpe-across", "unigram",
            "unigram-bytes", "word", "char",
        ])
    func small(_ name: String) throws {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("sentencepiece/\(name).model"))
        let cases = try GoldenCase.read(TestFiles.fixture("sentencepiece/\(name).jsonl"))
        #expect(cases.count > 100)
        for golden in cases { try golden.check(tokenizer) }
    }

    @Test(
        "Llama 2, from tokenizer.json, from tokenizer.model, and from either alone",
        .enabled(if: TestFiles.data != nil, "SWIFTLET_DATA names no folder of real vocabularies"))
    func llama() throws {
        let data = try #require(TestFiles.data)
        let folder = "\(data)/tokenizers/llama2"
        let cases = try GoldenCase.read("\(data)/tokenizer_cases/llama2.jsonl")
        #expect(cases.count == 191)
        let without = try TestFiles.temporaryFolder()
        for name in ["tokenizer.model", "tokenizer_config.json"] {
            try RawFile.write(
                TestFiles.bytes("\(folder)/\(name)"), without.file(name))
        }
        let paths = [
            folder, without.path, "\(folder)/tokenizer.json", "\(folder)/tokenizer.model",
        ]
        for path in paths {
            let tokenizer = try TextTokenizer(path: path)
            #expect(tokenizer.vocabularyCount == 32_000)
            #expect(tokenizer.beginningOfSequence == 1)
            #expect(tokenizer.token(of: 278) == "▁the")
            #expect(tokenizer.bytes(of: 278) == Array(" the".utf8))
            #expect(tokenizer.token(of: 13) == "<0x0A>")
            #expect(tokenizer.bytes(of: 13) == [0x0A])
            #expect(tokenizer.isSpecial(2) && !tokenizer.isSpecial(3))
            for golden in cases { try golden.check(tokenizer) }
        }
        #expect(try TextTokenizer(path: folder).endOfSequence == 2)
        #expect(try TextTokenizer(path: without.path).endOfSequence == 2)
    }
}
