import SwiftletBytes
import SwiftletGGUF
import SwiftletText
import Testing
import _SwiftletTestSupport

/// Tokenizers of folders as metadata of GGUF files.
struct GGUFTokenizerFieldsTests {
    /// Writes a file with a tokenizer alone and reads the tokenizer.
    private func read(_ fields: GGUFTokenizerFields) throws -> TextTokenizer {
        let folder = try TestFiles.temporaryFolder()
        let writer = try GGUFWriter(
            path: folder.file("x.gguf"), tensors: [],
            metadata: [("general.architecture", .string("llama"))] + fields.fields)
        try writer.commit()
        return try TextTokenizer(path: folder.file("x.gguf"))
    }

    @Test(
        "what a file became, becomes the same file again",
        arguments: GGUFTokenizerTests.names.filter { $0 != "none" })
    func back(_ name: String) throws {
        let file = try GGUFFile(path: TestFiles.fixture("gguf-tokenizers/\(name).gguf"))
        let tokenizer = try GGUFTokenizer(file)
        let fields = try GGUFTokenizerFields(
            json: ByteView(tokenizer.json), configuration: ByteView(tokenizer.configuration),
            rows: file.value("tokenizer.ggml.tokens")?.array?.count)
        #expect(fields.notes == [])
        func value(_ key: String) -> GGUFValue? {
            fields.fields.first { $0.key == key }?.field.value
        }
        // The merges of this one follow from scores, so the usual model can hold them.
        let isPlain = name != "gemma4"
        let keys = ["tokens", "bos_token_id", "eos_token_id"]
        for key in keys + (isPlain ? ["model", "pre", "merges"] : []) {
            let key = "tokenizer.ggml.\(key)"
            #expect(value(key) == file.value(key), "\(key)")
        }
        try GGUFTokenizerTests.check(try read(fields), name)
    }

    @Test("folders of the families", arguments: ["neox", "llama3", "qwen2"])
    func families(_ family: String) throws {
        let folder = TestFiles.fixture("bpe-families/\(family)")
        let original = try TextTokenizer(path: folder)
        let copy = try read(GGUFTokenizerFields(folder: folder))
        // What GGUF cannot say, flags of added tokens, does not matter in these.
        let texts = ["Hello world", "  a\n\n12345 it's", "e\u{301} 灯塔 <|endoftext|>x"]
        for text in texts { #expect(try copy.encodeIDs(text) == original.encodeIDs(text)) }
    }

    @Test("added tokens have the ids that adding gives them, whatever the file says")
    func addedIDs() throws {
        func token(_ content: String, _ id: Int) -> JSONObject {
            var object = JSONObject()
            object["id"] = JSONValue(id)
            object["content"] = .string(content)
            object["special"] = .bool(true)
            return object
        }
        // The second claims the id of a token of the vocabulary.
        let folder = try SmallVocabulary.addingTokens([token("<x>", 700), token("<y>", 65)])
        let original = try TextTokenizer(path: folder.path)
        let copy = try read(GGUFTokenizerFields(folder: folder.path))
        for text in ["a<x>b<y>c", "ABC abc", "<y><x>"] {
            #expect(try copy.encodeIDs(text) == original.encodeIDs(text), "\(text)")
        }
        #expect(try original.encodeIDs("<x><y>") == [512, 513])
    }

    @Test("vocab.json and merges.txt, filled up to the rows of the embedding")
    func vocabMerges() throws {
        let folder = try SmallVocabulary.copy(["vocab.json", "merges.txt"])
        let fields = try GGUFTokenizerFields(folder: folder.path, rows: 520)
        let copy = try read(fields)
        for golden in try GoldenCase.read(TestFiles.fixture("bpe-small/golden.jsonl")) {
            #expect(try copy.encodeIDs(golden.text) == golden.ids)
        }
        let tokens = fields.fields.first { $0.key == "tokenizer.ggml.tokens" }?.field.value.array
        #expect(tokens?.strings()?.suffix(2) == [Array("[PAD518]".utf8), Array("[PAD519]".utf8)])
        #expect(throws: SwiftletError(.ggufTokenizer, "")) {
            try GGUFTokenizerFields(folder: folder.path, rows: 100)
        }
    }

    @Test(
        "stages that GGUF has no name for are refused",
        arguments: [
            (
                #"{"type":"Lowercase"}"#, #"{"type":"ByteLevel","add_prefix_space":false}"#,
                "Lowercase"
            ),
            ("null", #"{"type":"Whitespace"}"#, "Whitespace"),
            (
                "null",
                #"{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"x+"},"behavior":"Isolated","invert":false},{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]}"#,
                "no name"
            ),
        ])
    func stages(_ normalizer: String, _ preTokenizer: String, _ mention: String) throws {
        let json = """
            {"normalizer": \(normalizer), "pre_tokenizer": \(preTokenizer),
             "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}}
            """
        let error = #expect(throws: SwiftletError.self) {
            try GGUFTokenizerFields(json: ByteView(Array(json.utf8)), configuration: nil)
        }
        #expect(error?.code == .ggufTokenizerUnsupported)
        #expect(error.map { "\($0)".contains(mention) } ?? false, "\(String(describing: error))")
    }

    @Test("what GGUF cannot say is said to the user")
    func notes() throws {
        let json = """
            {"normalizer": {"type": "NFC"},
             "added_tokens": [{"id": 1, "content": "<x>", "lstrip": true, "special": true}],
             "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": "\\\\p{N}+"}, "behavior": "Isolated",
                 "invert": false},
                {"type": "Split", "pattern": {"Regex": "(?=(\\\\d{3})+(?!\\\\d))"},
                 "behavior": "Isolated", "invert": false},
                {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]},
             "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}}
            """
        let fields = try GGUFTokenizerFields(
            json: ByteView(Array(json.utf8)), configuration: nil)
        #expect(fields.notes.count == 2)
        #expect(fields.notes.contains { $0.contains("NFC") })
        #expect(fields.notes.contains { $0.contains("white space") })
    }

    @Test("merges that do not follow from scores are refused where a space is inserted")
    func unscored() throws {
        let json = """
            {"normalizer": {"type": "Sequence", "normalizers": [
                {"type": "Prepend", "prepend": "▁"},
                {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
             "pre_tokenizer": null,
             "model": {"type": "BPE", "unk_token": "<u>", "fuse_unk": true,
                "vocab": {"<u>": 0, "a": 1, "b": 2, "c": 3, "ab": 4, "bc": 5, "abc": 6},
                "merges": ["a b", "b c", "ab c"]}}
            """
        let error = #expect(throws: SwiftletError.self) {
            // The merge of "a" and "bc" is missing.
            try GGUFTokenizerFields(json: ByteView(Array(json.utf8)), configuration: nil)
        }
        #expect(error?.code == .ggufTokenizerUnsupported)
        #expect(error.map { "\($0)".contains("model.merges") } ?? false)
    }
}
