import SwiftletBytes
import SwiftletGGUF
import SwiftletText
import Testing
import _SwiftletTestSupport

/// GGUF files whose tokenizer is damaged or unknown: each is refused with a code, the file and the key.
struct GGUFTokenizerRefusalTests {
    private func expect(
        _ source: GGUFSource, _ code: SwiftletError.Code, _ mentions: String...,
        location: SourceLocation = #_sourceLocation
    ) throws {
        let folder = try TestFiles.temporaryFolder()
        try source.write(folder.file("x.gguf"))
        let error = #expect(throws: SwiftletError.self, sourceLocation: location) {
            try TextTokenizer(path: folder.file("x.gguf"))
        }
        #expect(error?.code == code, sourceLocation: location)
        let text = error.map { "\($0)" } ?? ""
        for mention in ["x.gguf"] + mentions {
            #expect(text.contains(mention), "\(text)", sourceLocation: location)
        }
    }

    private func key(_ name: String) -> String { "tokenizer.ggml.\(name)" }

    @Test("a missing key", arguments: ["tokens", "merges"])
    func missing(_ name: String) throws {
        try expect(GGUFSource("gpt-2").removing(key(name)), .ggufTokenizer, key(name), "missing")
    }

    @Test("scores are required where merges follow from them")
    func missingScores() throws {
        try expect(GGUFSource("llama").removing(key("scores")), .ggufTokenizer, key("scores"))
    }

    @Test("a file without a tokenizer")
    func none() throws {
        try expect(GGUFSource("gpt-2").removing(key("model")), .tokenizerMissing, key("model"))
        for word in ["none", "no_vocab"] {
            try expect(
                GGUFSource("gpt-2").adding([(key("model"), .string(word))]), .tokenizerMissing,
                key("model"))
        }
    }

    @Test(
        "a tokenizer model or a pre-tokenizer that is not supported is named",
        arguments: [
            ("model", "bert"), ("model", "t5"), ("model", "rwkv"), ("pre", "whitespace"),
            ("pre", "of-tomorrow"),
        ])
    func unsupported(_ name: String, _ value: String) throws {
        try expect(
            GGUFSource("gpt-2").adding([(key(name), .string(value))]), .ggufTokenizerUnsupported,
            key(name), value)
    }

    @Test("values of another kind")
    func kinds() throws {
        for name in ["model", "pre", "tokens", "token_type", "merges", "bos_token_id"] {
            try expect(
                GGUFSource("gpt-2").adding([(key(name), .float32(1))]), .ggufTokenizer, key(name))
        }
        try expect(
            GGUFSource("gpt-2").adding([(key("tokens"), .int32s([1, 2]))]), .ggufTokenizer,
            key("tokens"))
        try expect(
            GGUFSource("gpt-2").adding([(key("add_bos_token"), .uint8(1))]), .ggufTokenizer,
            key("add_bos_token"))
    }

    @Test("fewer types or scores than tokens, and a score that is not a number")
    func counts() throws {
        try expect(
            GGUFSource("gpt-2").adding([(key("token_type"), .int32s([1, 1]))]), .ggufTokenizer,
            key("token_type"), "2 types")
        try expect(
            GGUFSource("llama").adding([(key("scores"), .float32s([0, 0]))]), .ggufTokenizer,
            key("scores"), "2 scores")
        let count = try #require(
            GGUFSource("llama").file().value(key("tokens"))?.array?.count)
        let scores = [Float](repeating: .nan, count: count)
        try expect(
            GGUFSource("llama").adding([(key("scores"), .float32s(scores))]), .ggufTokenizer,
            key("scores"), "token 0")
    }

    @Test(
        "merges without two parts, or of tokens that do not exist",
        arguments: ["he", " he", "he ", "h zz"])
    func merges(_ merge: String) throws {
        let source = GGUFSource("gpt-2").adding([(key("merges"), .strings(["h e", merge]))])
        let isUnknown = merge == "h zz"
        try expect(
            source, isUnknown ? .tokenizerMerge : .ggufTokenizer, key("merges"),
            isUnknown ? "element 1" : "merge 1")
    }

    @Test("a token that is not UTF-8, and one that occurs twice")
    func tokens() throws {
        var tokens = try #require(
            GGUFSource("gpt-2").file().value(key("tokens"))?.array?.strings())
        tokens[7] = [0xC3]
        try expect(
            GGUFSource("gpt-2").adding([(key("tokens"), .strings(bytes: tokens))]),
            .ggufTokenizer, key("tokens"), "token 7")
        tokens[7] = tokens[8]
        try expect(
            GGUFSource("gpt-2").adding([(key("tokens"), .strings(bytes: tokens))]),
            .tokenizerVocabulary, key("tokens"))
    }

    @Test("BOS before every text without a token for it")
    func beginning() throws {
        try expect(
            GGUFSource("gpt-2").removing(key("bos_token_id")).adding([
                (key("add_bos_token"), .bool(true))
            ]), .ggufTokenizer, key("bos_token_id"))
    }

    @Test("pieces whose merges would take more room than the file's size explains")
    func longPieces() throws {
        var tokens = try #require(
            GGUFSource("llama").file().value(key("tokens"))?.array?.strings())
        tokens[300] = [UInt8](repeating: 0x61, count: 513)
        try expect(
            GGUFSource("llama").adding([(key("tokens"), .strings(bytes: tokens))]),
            .ggufTokenizer, key("tokens"), "512")
    }

    @Test("a damaged file is refused or read, and never traps")
    func damage() throws {
        let bytes = try TestFiles.bytes(TestFiles.fixture("gguf-tokenizers/llama.gguf"))
        let folder = try TestFiles.temporaryFolder()
        var refused = 0
        try DamagedFile.flips(bytes, in: 24..<bytes.count, step: 61) { changed in
            try AtomicFile.write(changed, to: folder.file("x.gguf"))
            do {
                _ = try TextTokenizer(path: folder.file("x.gguf")).encode("Hello world, 12")
            } catch is SwiftletError {
                refused += 1
            }
        }
        #expect(refused > 0)
    }
}
