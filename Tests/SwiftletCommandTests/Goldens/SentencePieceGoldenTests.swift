import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `tokenize --jsonl` and `detokenize --jsonl` of a `tokenizer.model`, against SentencePiece.
struct SentencePieceGoldenTests {
    @Test(
        "small models of all algorithms",
        arguments: [
            "bpe-bytes", "bpe-nfkc", "bpe-suffix", "bpe-unused", "bpe-across", "unigram",
            "unigram-bytes", "word", "char",
        ])
    func small(_ name: String) throws {
        let path = TestFiles.fixture("sentencepiece/\(name)")
        #expect(
            try GoldenFile.checkTokenizing(model: "\(path).model", goldens: "\(path).jsonl") == 124)
    }

    @Test(
        "Llama 2, by the folder, by tokenizer.model and by tokenizer.json",
        .enabled(if: TestFiles.data != nil, "SWIFTLET_DATA names no folder of real vocabularies"),
        arguments: ["", "/tokenizer.model", "/tokenizer.json"])
    func llama(_ file: String) throws {
        let data = try #require(TestFiles.data)
        let count = try GoldenFile.checkTokenizing(
            model: "\(data)/tokenizers/llama2\(file)",
            goldens: "\(data)/tokenizer_cases/llama2.jsonl")
        #expect(count == 191)
    }

    @Test("a folder with tokenizer.model alone, in text, as a table and back")
    func folder() throws {
        let folder = try TestFiles.temporaryFolder()
        _ = try Files.copy("sentencepiece/bpe-bytes.model", to: folder.file("tokenizer.model"))
        let text = "The lighthouse stands."
        let ids = try Tool.run("tokenize", folder.path, text, "--json").object().ints("ids")
        #expect(ids.first == 1)
        let lines = try Tool.run("tokenize", folder.path, text).succeeded().lines
        #expect(lines.map { Int($0.prefix { $0 != "\t" }) } == ids)
        let plain = try Tool.run("tokenize", folder.path, text, "--json", "--no-special-tokens")
        #expect(try plain.object().ints("ids") == Array(ids.dropFirst()))
        let back = try Tool.run(
            ["detokenize", folder.path, "--skip-special-tokens"] + ids.map { "\($0)" })
        #expect(back.succeeded().output == text + "\n")
    }

    @Test("a model that is cut short is refused, with the file and the offset")
    func cut() throws {
        let folder = try TestFiles.temporaryFolder()
        let path = try Files.copy(
            "sentencepiece/bpe-bytes.model", to: folder.file("tokenizer.model"))
        try Files.truncate(path, to: try Files.read(path).count - 3)
        try Tool.run("tokenize", path, "x").failed(65, "\(path): ", mentioning: "offset")
    }
}
