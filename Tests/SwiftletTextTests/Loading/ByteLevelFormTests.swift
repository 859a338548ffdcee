import Foundation
import SwiftletBytes
import SwiftletText
import Testing
import _SwiftletTestSupport

/// The forms of byte-level tokenizers, and what is refused in them.
struct ByteLevelFormTests {
    private func file(_ family: String) throws -> JSONObject {
        try #require(
            JSONValue.read(path: TestFiles.fixture("bpe-families/\(family)/tokenizer.json")).object)
    }

    private func tokenizer(_ file: JSONObject) throws -> TextTokenizer {
        let folder = try TestFiles.temporaryFolder()
        try SmallVocabulary.write(JSONValue.object(file).text(), folder.file("tokenizer.json"))
        return try TextTokenizer(path: folder.file("tokenizer.json"))
    }

    private func check(_ tokenizer: TextTokenizer, _ family: String) throws {
        let cases = try GoldenCase.read(TestFiles.fixture("bpe-families/\(family)/golden.jsonl"))
        #expect(!cases.isEmpty)
        for golden in cases { #expect(try tokenizer.encode(golden.text).ids == golden.ids) }
    }

    @Test("keys in reverse order", arguments: ["neox", "qwen2", "llama3"])
    func order(_ family: String) throws {
        let file = try file(family)
        var reversed = JSONObject()
        for pair in file.pairs.reversed() {
            guard pair.key == "model", let model = pair.value.object else {
                reversed.append(pair.key, pair.value)
                continue
            }
            var turned = JSONObject()
            for pair in model.pairs.reversed() { turned.append(pair.key, pair.value) }
            reversed.append("model", .object(turned))
        }
        #expect(reversed.pairs.first?.key == "model")
        try check(try tokenizer(reversed), family)
    }

    @Test("merges as strings, and escapes in tokens")
    func merges() throws {
        var file = try file("neox")
        var model = try #require(file["model"]?.object)
        let merges = try #require(model["merges"]?.array)
        model["merges"] = .array(
            try merges.map { merge in
                let parts = try #require(merge.array).compactMap(\.string)
                return .string(parts.joined(separator: " "))
            })
        file["model"] = .object(model)
        try check(try tokenizer(file), "neox")
        // Every character beyond ASCII as an escape.
        let escaped = JSONValue.object(file).text().unicodeScalars.map { scalar -> String in
            guard scalar.value >= 0x80, scalar.value < 0x10000 else { return String(scalar) }
            let digits = String(scalar.value, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
        let folder = try TestFiles.temporaryFolder()
        try SmallVocabulary.write(escaped, folder.file("tokenizer.json"))
        try check(try TextTokenizer(path: folder.path), "neox")
    }

    @Test("vocab.json and merges.txt of Qwen2's class")
    func qwen2Files() throws {
        let file = try file("qwen2")
        let model = try #require(file["model"]?.object)
        let folder = try TestFiles.temporaryFolder()
        try SmallVocabulary.write(
            try #require(model["vocab"]).text(), folder.file("vocab.json"))
        let merges = try #require(model["merges"]?.array).map {
            try #require($0.array).compactMap(\.string).joined(separator: " ")
        }
        try SmallVocabulary.write(
            merges.joined(separator: "\n") + "\n", folder.file("merges.txt"))
        var config: JSONObject = ["tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|im_end|>"]
        var decoder = JSONObject()
        for token in file["added_tokens"]?.array ?? [] {
            decoder.append(String(try #require(token["id"]?.int)), token)
        }
        config["added_tokens_decoder"] = .object(decoder)
        try SmallVocabulary.write(
            JSONValue.object(config).text(), folder.file("tokenizer_config.json"))
        try check(try TextTokenizer(path: folder.path), "qwen2")
    }

    @Test("special tokens as text")
    func specialTokens() throws {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-families/qwen2"))
        let text = "a<|im_end|><tool_call>"
        let end = try #require(tokenizer.id(of: "<|im_end|>"))
        let call = try #require(tokenizer.id(of: "<tool_call>"))
        #expect(tokenizer.specialTokens == .parse)
        #expect(try tokenizer.encodeIDs(text).contains(end))
        let plain = try tokenizer.encode(text, specialTokens: .text)
        #expect(!plain.ids.contains(end))
        // Added, but not special.
        #expect(plain.ids.last == call)
        #expect(try tokenizer.decode(plain.ids) == text)
        #expect(try tokenizer.encodeIDs(text, specialTokens: .text) == plain.ids)
        // The configuration can make this the default.
        let folder = try TestFiles.temporaryFolder()
        try SmallVocabulary.write(
            JSONValue.object(try file("qwen2")).text(), folder.file("tokenizer.json"))
        try SmallVocabulary.write(
            #"{"split_special_tokens": true}"#, folder.file("tokenizer_config.json"))
        let splitting = try TextTokenizer(path: folder.path)
        #expect(try splitting.encodeIDs(text) == plain.ids)
        #expect(try splitting.encodeIDs(text, specialTokens: .parse).contains(end))
    }

    @Test("the tokens of a rank file are spelled as in other byte-level vocabularies")
    func ranks() throws {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-families/qwen"))
        let ids = try tokenizer.encodeIDs(" é")
        #expect(ids.compactMap { tokenizer.token(of: $0) }.joined() == "ĠÃ©")
        #expect(tokenizer.vocabularyCount == 450 + 208)
        #expect(tokenizer.endOfSequence == 450)
    }

    @Test(
        "lines of a rank file",
        arguments: [
            ("IQ== 0\nIQ== 1\n", SwiftletError.Code.tokenizerVocabulary, "duplicate token"),
            ("IQ== 0\nIg== 0\n", .tokenizerVocabulary, "duplicate id 0"),
            ("IQ== 0\n!!!! 1\n", .tokenizerVocabulary, "line 2"),
            ("IQ= 0\n", .tokenizerVocabulary, "line 1"),
            ("IR== 0\n", .tokenizerVocabulary, "line 1"),
            ("IQ==\n", .tokenizerVocabulary, "line 1"),
            ("IQ== \n", .tokenizerVocabulary, "rank"), ("  0\n", .tokenizerVocabulary, "line 1"),
            ("IQ== -1\n", .tokenizerVocabulary, "rank"),
            ("IQ== 0 0\n", .tokenizerVocabulary, "rank"),
            ("IQ== 9999999999\n", .tokenizerVocabulary, "rank"),
            ("IQ== 2000000000\n", .tokenizerVocabulary, "far above"),
            ("IQ== 0\n", .tokenizerUnsupported, "byte 0"), ("", .foreignContent, "is empty"),
        ])
    func malformedRanks(_ text: String, _ code: SwiftletError.Code, _ mention: String) throws {
        let folder = try TestFiles.temporaryFolder()
        try SmallVocabulary.write(text, folder.file("qwen.tiktoken"))
        let error = #expect(throws: SwiftletError.self) { try TextTokenizer(path: folder.path) }
        #expect(error?.code == code)
        #expect(error.map { "\($0)" }?.contains(mention) == true)
    }

    /// Takes minutes if all splits of a long token are looked up.
    @Test("the long tokens of a rank file are merged from their halves")
    func longRanks() throws {
        let folder = try TestFiles.temporaryFolder()
        var ranks = try MappedFile(path: TestFiles.fixture("bpe-families/qwen/qwen.tiktoken"))
            .bytes.copy().split(separator: 0x0A).prefix(256).flatMap { $0 + [0x0A] }
        for power in 1...20 {
            let spaces = Data(repeating: 0x20, count: 1 << power)
            ranks += Array("\(spaces.base64EncodedString()) \(255 + power)\n".utf8)
        }
        try RawFile.write(ranks, folder.file("qwen.tiktoken"))
        let tokenizer = try TextTokenizer(path: folder.path)
        let spaces = String(repeating: " ", count: 1 << 20 | 1 << 5)
        #expect(try tokenizer.encodeIDs(spaces) == [275, 260])
    }

    @Test("every truncation of a tokenizer.json is refused")
    func truncated() throws {
        let text = try String(
            contentsOfFile: TestFiles.fixture("bpe-families/llama3/tokenizer.json"),
            encoding: .utf8)
        let bytes = Array(text.utf8)
        let folder = try TestFiles.temporaryFolder()
        for count in stride(from: 0, to: bytes.count, by: 7) {
            try RawFile.write(Array(bytes[..<count]), folder.file("tokenizer.json"))
            let error = #expect(throws: SwiftletError.self) {
                try TextTokenizer(path: folder.path)
            }
            #expect(error?.code.kind == .badData)
        }
    }
}
