import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `tokenize --jsonl` and `detokenize --jsonl` against the reference tokenizers.
///
/// A golden line is itself a line of input: it has a `text` and `ids`.
struct TokenizeGoldenTests {
    @Test("the small vocabulary")
    func small() throws {
        let count = try GoldenFile.checkTokenizing(
            model: TestFiles.fixture("bpe-small"),
            goldens: TestFiles.fixture("bpe-small/golden.jsonl"))
        #expect(count == 374)
    }

    @Test("each byte-level family", arguments: ["neox", "qwen", "qwen2", "llama3"])
    func families(_ family: String) throws {
        let folder = TestFiles.fixture("bpe-families/\(family)")
        #expect(
            try GoldenFile.checkTokenizing(model: folder, goldens: "\(folder)/golden.jsonl") > 300)
    }

    @Test(
        "real vocabularies",
        .enabled(if: TestFiles.data != nil, "SWIFTLET_DATA names no folder of real vocabularies"),
        arguments: [
            ("gpt2", 185), ("opt", 188), ("pythia", 189), ("qwen", 205), ("qwen2", 205),
            ("llama3", 206),
        ])
    func real(_ family: String, _ expected: Int) throws {
        let data = try #require(TestFiles.data)
        let count = try GoldenFile.checkTokenizing(
            model: "\(data)/tokenizers/\(family)",
            goldens: "\(data)/tokenizer_cases/\(family).jsonl")
        #expect(count == expected)
    }

    @Test("the older files give the same")
    func vocabAndMerges() throws {
        let folder = try TestFiles.temporaryFolder()
        for name in ["vocab.json", "merges.txt"] {
            _ = try Files.copy("bpe-small/\(name)", to: folder.file(name))
        }
        try GoldenFile.checkTokenizing(
            model: folder.path, goldens: TestFiles.fixture("bpe-small/golden.jsonl"))
    }

    @Test("a tokenizer.json on its own gives the same")
    func loneFile() throws {
        try GoldenFile.checkTokenizing(
            model: TestFiles.fixture("bpe-small/tokenizer.json"),
            goldens: TestFiles.fixture("bpe-small/golden.jsonl"))
    }

    @Test("from stdin, from a file and from the command line")
    func ways() throws {
        let model = TestFiles.fixture("bpe-small")
        let folder = try TestFiles.temporaryFolder()
        let text = "Two lines,\nand no end"
        let input = try Files.write(text, to: folder.file("text"))
        let outputs = [
            try Tool.run("tokenize", model, "--json", input: text),
            try Tool.run("tokenize", model, "--json", "--input", input),
            try Tool.run("tokenize", model, text, "--json"),
        ]
        let ids = try outputs[0].object().ints("ids")
        #expect(ids.count > 5)
        #expect(Set(outputs.map { $0.succeeded().output }).count == 1)
        let back = try Tool.run(["detokenize", model] + ids.map { "\($0)" })
        #expect(back.succeeded().output == text + "\n")
        let table = try Tool.run("tokenize", model, text).succeeded().lines
        #expect(table.map { Int($0.prefix { $0 != "\t" }) } == ids)
    }
}
