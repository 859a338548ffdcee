import SwiftletBytes
import SwiftletText
import Testing
import _SwiftletTestSupport

/// Ids, offsets and decoded text, compared with the references.
struct GoldenTests {
    @Test("tokenizer.json of the small vocabulary")
    func smallFile() throws {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        let cases = try GoldenCase.read(TestFiles.fixture("bpe-small/golden.jsonl"))
        #expect(cases.count == 374)
        for golden in cases { try golden.check(tokenizer) }
    }

    @Test("vocab.json and merges.txt of the small vocabulary")
    func smallVocabMerges() throws {
        let folder = try SmallVocabulary.copy(["vocab.json", "merges.txt"])
        let tokenizer = try TextTokenizer(path: folder.path)
        for golden in try GoldenCase.read(TestFiles.fixture("bpe-small/golden.jsonl")) {
            try golden.check(tokenizer)
        }
        #expect(tokenizer.endOfSequence == 511)
    }

    @Test(
        "small tokenizers of each family",
        arguments: [("neox", 317), ("qwen2", 318), ("llama3", 327), ("qwen", 328)])
    func families(_ family: String, _ count: Int) throws {
        let folder = TestFiles.fixture("bpe-families/\(family)")
        let tokenizer = try TextTokenizer(path: folder)
        let cases = try GoldenCase.read("\(folder)/golden.jsonl")
        #expect(cases.count == count)
        for golden in cases { try golden.check(tokenizer) }
    }

    @Test(
        "real vocabularies",
        .enabled(if: TestFiles.data != nil, "SWIFTLET_DATA names no folder of real vocabularies"),
        arguments: [
            ("gpt2", 185), ("opt", 188), ("pythia", 189), ("qwen", 205), ("qwen2", 205),
            ("llama3", 206),
        ])
    func real(_ family: String, _ count: Int) throws {
        let data = try #require(TestFiles.data)
        let tokenizer = try TextTokenizer(path: "\(data)/tokenizers/\(family)")
        let cases = try GoldenCase.read("\(data)/tokenizer_cases/\(family).jsonl")
        #expect(cases.count == count)
        for golden in cases { try golden.check(tokenizer) }
    }
}
