import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletText

/// Whatever the bytes of its files, a tokenizer is refused, or its tokens cover every text.
@Suite("Damaged tokenizer files")
struct TokenizerMutationTests {
    private func check(_ path: String) throws {
        let tokenizer: TextTokenizer
        do throws(SwiftletError) {
            tokenizer = try TextTokenizer(path: path)
        } catch {
            // Bytes that show another form are read as that.
            let codes = ["json.", "text.", "tokenizer.", "file.", "sentencepiece.", "gguf."]
            #expect(codes.contains { error.code.name.hasPrefix($0) }, "\(error)")
            return
        }
        let text = "  Hello world, it's\n\n naïve 東京 👩‍💻\u{0}<|endoftext|>  end "
        let encoding = try tokenizer.encode(text, addSpecialTokens: false)
        var end = 0
        // A vocabulary that has lost a byte leaves such bytes of the text out.
        let hasAllBytes = (UInt8.min...UInt8.max).allSatisfy { byte in
            BytePairModel.neverInText(byte)
                || tokenizer.model.id(of: ByteAlphabet.spelling(of: [byte])) != nil
        }
        for range in encoding.offsets {
            #expect(hasAllBytes ? range.lowerBound == end : range.lowerBound >= end)
            end = range.upperBound
        }
        #expect(hasAllBytes ? end == text.utf8.count : end <= text.utf8.count)
        #expect(throws: Never.self) { try tokenizer.decode(encoding.ids) }
    }

    private func fixture(_ name: String) throws -> [UInt8] {
        try TestFiles.bytes(TestFiles.fixture("bpe-small/\(name)"))
    }

    @Test("bytes of tokenizer.json")
    func tokenizerFile() throws {
        let bytes = try fixture("tokenizer.json")
        let folder = try TestFiles.temporaryFolder()
        let path = folder.file("tokenizer.json")
        // All keys before the vocabulary; a sample of its 512 similar entries and of the merges.
        let vocabulary = 600
        let some = { (changed: [UInt8]) in
            try RawFile.write(changed, path)
            try check(path)
        }
        try DamagedFile.flips(bytes, in: 0..<vocabulary, some)
        try DamagedFile.flips(bytes, in: vocabulary..<bytes.count, step: 13, some)
    }

    @Test("bytes of vocab.json and merges.txt", arguments: ["vocab.json", "merges.txt"])
    func vocabMerges(_ name: String) throws {
        let folder = try SmallVocabulary.copy(["vocab.json", "merges.txt", "tokenizer_config.json"])
        let bytes = try fixture(name)
        try DamagedFile.flips(bytes, in: 0..<bytes.count, step: 11) { changed in
            try RawFile.write(changed, folder.file(name))
            try check(folder.path)
        }
    }

    @Test("bytes and truncations of the configuration")
    func configuration() throws {
        let name = "tokenizer_config.json"
        let folder = try SmallVocabulary.copy(["vocab.json", "merges.txt"])
        let bytes = try fixture(name)
        try DamagedFile.flips(bytes, in: 0..<bytes.count) { changed in
            try RawFile.write(changed, folder.file(name))
            try check(folder.path)
        }
        try DamagedFile.truncations(Array(bytes[..<(bytes.lastIndex(of: 0x7D) ?? 0)])) { part in
            try RawFile.write(part, folder.file(name))
            #expect(throws: SwiftletError.self) { try TextTokenizer(path: folder.path) }
        }
    }

    @Test("inputs found by fuzzing", arguments: FuzzInputs.names("tokenizer"))
    func kept(_ name: String) throws {
        let folder = try TestFiles.temporaryFolder()
        let path = folder.file("tokenizer.json")
        try RawFile.write(try FuzzInputs.bytes("tokenizer", name), path)
        try check(path)
    }

    @Test("rank files found by fuzzing", arguments: FuzzInputs.names("tiktoken"))
    func keptRanks(_ name: String) throws {
        let parts = try FuzzInputs.bytes("tiktoken", name).split(
            separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        let folder = try TestFiles.temporaryFolder()
        for (file, part) in zip(["qwen.tiktoken", "tokenizer_config.json"], parts) {
            try RawFile.write(Array(part), folder.file(file))
        }
        try check(folder.path)
    }
}
