import SwiftletBytes
import SwiftletText
import Testing
import _SwiftletTestSupport

/// Files that are damaged or ask for something unsupported: each is refused with a code and a
/// place.
struct MalformedFileTests {
    private func expect(
        _ folder: TemporaryFolder, _ code: SwiftletError.Code, _ mention: String,
        _ location: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: SwiftletError.self, sourceLocation: location) {
            try TextTokenizer(path: folder.path)
        }
        #expect(error?.code == code, sourceLocation: location)
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains(mention), "\(text)", sourceLocation: location)
    }

    /// A folder with `vocab.json` and `merges.txt`, one of them replaced.
    private func vocabMerges(_ name: String, _ text: String) throws -> TemporaryFolder {
        let folder = try SmallVocabulary.copy(
            ["vocab.json", "merges.txt"].filter { $0 != name })
        try SmallVocabulary.write(text, folder.file(name))
        return folder
    }

    @Test("no tokenizer file, or only one of two")
    func missing() throws {
        expect(try TestFiles.temporaryFolder(), .tokenizerMissing, "tokenizer.json")
        expect(try SmallVocabulary.copy(["vocab.json"]), .tokenizerIncomplete, "merges.txt")
        expect(try SmallVocabulary.copy(["merges.txt"]), .tokenizerIncomplete, "vocab.json")
        #expect(SwiftletError.Code.tokenizerMissing.kind == .noInput)
        #expect(SwiftletError.Code.tokenizerIncomplete.kind == .badData)
        #expect(throws: SwiftletError(.noSuchFile, "")) {
            try TextTokenizer(path: "/no such folder")
        }
    }

    @Test("a form of tokenizer that is known but not supported")
    func foreign() throws {
        let folder = try TestFiles.temporaryFolder()
        try SmallVocabulary.write("", folder.file("tekken.json"))
        expect(folder, .tokenizerUnsupported, "tekken.json")
    }

    @Test(
        "lines of merges.txt that are not merges",
        arguments: [
            ("#version: 0.2\nt h\nth\n", "line 3"), ("t h\nt  h\n", "line 2"),
            ("t h e\n", "line 1"), ("t h\n\nh e\n", "line 2"), (" t h\n", "line 1"),
            ("t h \n", "line 1"), ("t\u{2028}h\n", "line 1"),
        ])
    func merges(_ text: String, _ place: String) throws {
        expect(try vocabMerges("merges.txt", text), .tokenizerMerge, place)
    }

    @Test(
        "merges of tokens that are not in the vocabulary",
        arguments: [("zzz t\n", "\"zzz\""), ("t zzz\n", "\"zzz\""), ("q q\n", "\"qq\"")])
    func mergeParts(_ text: String, _ token: String) throws {
        expect(try vocabMerges("merges.txt", text), .tokenizerMerge, token)
    }

    @Test("CR before LF, a version line anywhere and a missing last LF are accepted")
    func mergesTolerance() throws {
        let plain = try SmallVocabulary.text("merges.txt")
        let changed =
            plain.split(separator: "\n").dropFirst().joined(separator: "\r\n")
            + "\r\n#version: 9"
        let folder = try vocabMerges("merges.txt", changed)
        let tokenizer = try TextTokenizer(path: folder.path)
        for golden in try GoldenCase.read(TestFiles.fixture("bpe-small/golden.jsonl")) {
            #expect(try tokenizer.encodeIDs(golden.text) == golden.ids)
        }
    }

    @Test("merges.txt that is not UTF-8")
    func mergesUTF8() throws {
        let folder = try SmallVocabulary.copy(["vocab.json"])
        try RawFile.write([0x61, 0x20, 0xFF, 0x0A], folder.file("merges.txt"))
        expect(folder, .notUTF8, "offset 2")
    }

    @Test(
        "vocabularies",
        arguments: [
            (#"{"a": 0, "a": 1}"#, SwiftletError.Code.tokenizerVocabulary, "duplicate token"),
            (#"{"a": 0, "b": 0, "a": 1}"#, .tokenizerVocabulary, "duplicate token"),
            (#"{"a": 0, "b": 0, "b": 1}"#, .tokenizerVocabulary, "duplicate token"),
            (#"{"a": 0, "b": 0, "b": 0}"#, .tokenizerVocabulary, "duplicate token"),
            (#"{"a": -1}"#, .tokenizerVocabulary, "-1"),
            (#"{"a": 1.0}"#, .tokenizerVocabulary, "1.0"),
            (#"{"a": 1e3}"#, .tokenizerVocabulary, "1e3"),
            (#"{"a": "1"}"#, .tokenizerVocabulary, "\"a\""),
            (#"{"a": 99999999999999999999}"#, .tokenizerVocabulary, "99999999999999999999"),
            (#"{"a": 2000000000}"#, .tokenizerVocabulary, "far above"),
            (#"["a"]"#, .tokenizerKey, "object"), (#"{"a": 0"#, .json, "offset"),
            (#"{"a": 0} x"#, .json, "offset"), ("", .foreignContent, "empty"),
            (#"{"\ud800": 0}"#, .json, "surrogate"),
        ])
    func vocabulary(_ text: String, _ code: SwiftletError.Code, _ mention: String) throws {
        let folder = try vocabMerges("vocab.json", text)
        try SmallVocabulary.write("", folder.file("merges.txt"))
        expect(folder, code, mention)
    }

    /// A key of tokenizer.json, its new value, the expected code, and what the error must mention.
    @Test(
        "keys of tokenizer.json",
        arguments: [
            (
                "normalizer", #"{"type": "BertNormalizer"}"#,
                SwiftletError.Code.tokenizerUnsupported, "BertNormalizer"
            ),
            ("normalizer", "7", .tokenizerKey, "normalizer"),
            ("pre_tokenizer", #"{"type": "Novel"}"#, .tokenizerUnsupported, "Novel"),
            ("pre_tokenizer", #"{"type": "Metaspace"}"#, .tokenizerKey, "replacement"),
            ("pre_tokenizer", #"{"type": "ByteLevel"}"#, .tokenizerKey, "add_prefix_space"),
            ("pre_tokenizer", #"{}"#, .tokenizerKey, "pre_tokenizer.type"),
            (
                "pre_tokenizer",
                #"{"type": "Sequence", "pretokenizers": [{"type": "Split", "behavior": "Isolated", "invert": false, "pattern": {"Regex": "("}}]}"#,
                .tokenizerPattern, "("
            ),
            ("decoder", #"{"type": "Novel"}"#, .tokenizerUnsupported, "Novel"),
            ("decoder", #"{"type": "WordPiece"}"#, .tokenizerKey, "decoder.prefix"),
            ("decoder", #"{"type": "BPEDecoder"}"#, .tokenizerKey, "decoder.suffix"),
            (
                "decoder", #"{"type": "Strip", "content": "ab", "start": 1, "stop": 0}"#,
                .tokenizerKey, "one character"
            ),
            (
                "decoder", #"{"type": "Strip", "content": "a", "start": -1, "stop": 0}"#,
                .tokenizerKey, "decoder.start"
            ),
            (
                "decoder", #"{"type": "Replace", "pattern": {"Regex": "("}, "content": ""}"#,
                .tokenizerPattern, "("
            ),
            (
                "decoder", #"{"type": "Sequence", "decoders": [{"type": "Fuse"}, 7]}"#,
                .tokenizerKey, "decoders"
            ),
            ("post_processor", #"{"type": "Novel"}"#, .tokenizerUnsupported, "Novel"),
            ("post_processor", #"{"type": "BertProcessing"}"#, .tokenizerKey, "cls"),
            (
                "post_processor",
                #"{"type": "BertProcessing", "cls": ["E", 900], "sep": ["E", 1]}"#,
                .tokenizerKey, "900"
            ),
            (
                "post_processor",
                #"{"type": "RobertaProcessing", "cls": ["E", 1], "sep": ["E"]}"#, .tokenizerKey,
                "sep"
            ),
            (
                "post_processor",
                #"{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "E", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}], "pair": [], "special_tokens": {"E": {"id": "E", "ids": [900], "tokens": ["E"]}}}"#,
                .tokenizerKey, "900"
            ),
            ("added_tokens", #"[{"id": 512, "content": "<new>"}]"#, .tokenizerKey, "special"),
            ("added_tokens", #"[{"content": "<new>"}]"#, .tokenizerKey, "added_tokens[0].id"),
            ("added_tokens", #"[{"id": 511}]"#, .tokenizerKey, "content"),
            ("model", "null", .tokenizerKey, "model"),
            ("model", #"{"type": "WordPiece", "vocab": {}}"#, .tokenizerUnsupported, "WordPiece"),
            ("model", #"{"type": "WordLevel", "vocab": {}}"#, .tokenizerUnsupported, "WordLevel"),
            ("model", #"{"type": "Unigram", "vocab": {}}"#, .tokenizerKey, "model.vocab"),
            ("model", #"{"type": "BPE", "merges": []}"#, .tokenizerKey, "model.vocab"),
            ("model", #"{"type": "BPE", "vocab": {}}"#, .tokenizerKey, "model.merges"),
            ("model", #"{"vocab": {}, "vocab": {}}"#, .tokenizerKey, "duplicate"),
            ("model", #"{"vocab": {}, "merges": [["a"]]}"#, .tokenizerMerge, "merges 0"),
            ("model", #"{"vocab": {}, "merges": [1]}"#, .tokenizerMerge, "merges 0"),
            (
                "model",
                #"{"vocab": {"a": 0, "aa": 1}, "merges": [["a", "a"]], "dropout": 0.1}"#,
                .tokenizerUnsupported, "dropout"
            ),
            ("novelty", "1", .tokenizerUnsupported, "novelty"),
        ])
    func tokenizerFile(
        _ key: String, _ value: String, _ code: SwiftletError.Code, _ mention: String
    ) throws {
        let folder = try SmallVocabulary.tokenizerFile {
            // Inserted as text, so that duplicate keys are kept.
            $0[key] = .string("@@")
        }
        let text = try String(
            decoding: TestFiles.bytes(folder.file("tokenizer.json")), as: UTF8.self)
        let parts = text.split(separator: "\"@@\"", maxSplits: 1)
        try SmallVocabulary.write(parts.joined(separator: value), folder.file("tokenizer.json"))
        expect(folder, code, mention)
    }

    @Test(
        "configurations",
        arguments: [
            (
                #"{"tokenizer_class": "BertTokenizer"}"#, SwiftletError.Code.tokenizerUnsupported,
                "BertTokenizer"
            ),
            (#"{"split_special_tokens": 1}"#, .tokenizerKey, "split_special_tokens"),
            (#"{"add_bos_token": 1}"#, .tokenizerKey, "add_bos_token"),
            (#"{"eos_token": {"lstrip": true}}"#, .tokenizerKey, "eos_token.content"),
            (
                #"{"added_tokens_decoder": {"x": {"content": "y"}}}"#, .tokenizerKey,
                "added_tokens_decoder.x"
            ),
            (#"{"eos_token": "a", "eos_token": "b"}"#, .tokenizerKey, "eos_token"),
            ("[]", .tokenizerKey, "object"), ("{", .json, "offset"),
        ])
    func configuration(_ text: String, _ code: SwiftletError.Code, _ mention: String) throws {
        let folder = try SmallVocabulary.copy(["vocab.json", "merges.txt"])
        try SmallVocabulary.write(text, folder.file("tokenizer_config.json"))
        expect(folder, code, mention)
    }

    @Test("text that is not UTF-8")
    func textUTF8() throws {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        let view = ByteView([0x61, 0xC3, 0x28])
        #expect(throws: SwiftletError(.notUTF8, "")) { try tokenizer.encode(utf8: view) }
        #expect(throws: SwiftletError(.notUTF8, "")) { try tokenizer.encodeIDs(utf8: view) }
    }

    @Test("a truncated tokenizer.json is refused")
    func truncated() throws {
        let bytes = try TestFiles.bytes(TestFiles.fixture("bpe-small/tokenizer.json"))
        let folder = try TestFiles.temporaryFolder()
        for count in stride(from: 0, to: bytes.count - 1, by: 97) {
            try RawFile.write(Array(bytes.prefix(count)), folder.file("tokenizer.json"))
            #expect(throws: SwiftletError.self) { try TextTokenizer(path: folder.path) }
        }
    }
}
