import SwiftletBytes
import SwiftletGGUF
import SwiftletText
import Testing
import _SwiftletTestSupport

/// Tokenizers of GGUF files, compared with the references.
struct GGUFTokenizerTests {
    /// The files of `fixtures/gguf-tokenizers`.
    static let names = [
        "gpt-2", "mpt", "smollm", "llama-bpe", "qwen2", "falcon", "none", "llama", "gemma4",
    ]

    static func check(_ tokenizer: TextTokenizer, _ name: String) throws {
        let cases = try GoldenFile.objects(TestFiles.fixture("gguf-tokenizers/\(name).jsonl"))
        #expect(cases.count > 30)
        for golden in cases {
            let text = try golden.string("text")
            let ids = try golden.tokens("ids")
            #expect(try tokenizer.encodeIDs(text) == ids, "\(text.debugDescription)")
            #expect(
                try tokenizer.encodeIDs(text, addSpecialTokens: false)
                    == golden.tokens("ids_no_special"), "\(text.debugDescription)")
            #expect(try tokenizer.decode(ids, skipSpecialTokens: true) == golden.string("decoded"))
            #expect(try tokenizer.decode(ids) == golden.string("decoded_all"))
        }
    }

    @Test("small vocabularies of each kind", arguments: names)
    func small(_ name: String) throws {
        let path = TestFiles.fixture("gguf-tokenizers/\(name).gguf")
        let tokenizer = try TextTokenizer(path: path)
        try Self.check(tokenizer, name)
        #expect(tokenizer.endOfSequence == (name == "llama" || name == "gemma4" ? 2 : 511))
    }

    @Test(
        "a file is known by its first bytes, whatever its name", arguments: ["x.model", "x.json"])
    func name(_ name: String) throws {
        let folder = try TestFiles.temporaryFolder()
        try AtomicFile.write(
            TestFiles.bytes(TestFiles.fixture("gguf-tokenizers/gpt-2.gguf")), to: folder.file(name))
        try Self.check(TextTokenizer(path: folder.file(name)), "gpt-2")
    }

    @Test("the fillers of a vocabulary are no tokens")
    func fillers() throws {
        let tokenizer = try TextTokenizer(
            path: TestFiles.fixture("gguf-tokenizers/gpt-2.gguf"))
        #expect(tokenizer.id(of: "<|note|>") == 512)
        #expect(tokenizer.id(of: "[PAD513]") == nil)
        #expect(tokenizer.id(of: "[PAD514]") == nil)
        #expect(tokenizer.vocabularyCount == 513)
    }

    @Test("chat templates and special tokens are carried into the configuration")
    func configuration() throws {
        let file = try GGUFFile(path: TestFiles.fixture("gguf-tokenizers/smollm.gguf"))
        let bytes = try GGUFTokenizer(file).configuration
        let value = try JSONValue.parse(ByteView(bytes))
        #expect(value["chat_template"]?.string == "{{ messages }}")
        #expect(value["eos_token"]?.string == "<|endoftext|>")
        #expect(value["tokenizer_class"]?.string == "PreTrainedTokenizerFast")
    }

    @Test("several chat templates become a list with names")
    func templates() throws {
        let file = try GGUFSource("gpt-2").adding([
            ("tokenizer.chat_template", .string("a")),
            ("tokenizer.chat_template.tool", .string("b")),
        ]).file()
        let value = try JSONValue.parse(ByteView(GGUFTokenizer(file).configuration))
        let list = try value.elements("chat_template")
        #expect(list.map { $0["name"]?.string } == ["default", "tool"])
        #expect(list.map { $0["template"]?.string } == ["a", "b"])
    }

    @Test("special tokens of Phi-3 take the white space after them, as the model's own file says")
    func phi() throws {
        let named = GGUFSource("llama").adding([("general.name", .string("Phi 3"))])
        let other = try GGUFTokenizer(named.file()).json
        let phi = try GGUFTokenizer(
            GGUFSource("llama").adding([("general.name", .string("Phi-3 mini"))]).file()
        ).json
        let space = try [other, phi].map { bytes in
            try JSONValue.parse(ByteView(bytes)).elements("added_tokens").map {
                $0["rstrip"] == .bool(true)
            }
        }
        #expect(space == [[false, false, false, false, false], [false, false, true, true, true]])
    }
}

/// Real vocabularies (`SWIFTLET_DATA`), with texts and the ids of each model's reference.
@Suite(.enabled(if: TestFiles.data != nil, "SWIFTLET_DATA names no folder of real vocabularies"))
struct RealGGUFVocabularyTests {
    private func path(_ name: String) throws -> String {
        "\(try #require(TestFiles.data))/gguf_vocab/ggml-vocab-\(name).gguf"
    }

    @Test(
        "ids of real vocabularies",
        arguments: ["gpt-2", "llama-bpe", "llama-spm", "qwen2", "deepseek-llm"])
    func ids(_ name: String) throws {
        let path = try path(name)
        let tokenizer = try TextTokenizer(path: path)
        let texts = try TestFiles.bytes("\(path).inp")
            .split(Array("\n__ggml_vocab_test__\n".utf8))
        let lines = String(decoding: try TestFiles.bytes("\(path).out"), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        #expect(texts.count >= 46)
        for (text, line) in zip(texts, lines) {
            let expected = line.split(separator: " ").compactMap { Int32($0) }
            #expect(
                try tokenizer.encode(utf8: ByteView(text), addSpecialTokens: false).ids == expected,
                "\(String(decoding: text, as: UTF8.self).debugDescription)")
        }
    }

    @Test("a file without the name of a pre-tokenizer is split as llama.cpp splits it")
    func unnamed() throws {
        let tokenizer = try TextTokenizer(path: path("gpt-neox"))
        // Punctuation is cut off, and digits are taken in threes from the left.
        let encoding = try tokenizer.encode("x=12345.")
        #expect(
            encoding.ids.compactMap { tokenizer.token(of: $0) } == ["x", "=", "123", "45", "."])
    }

    @Test("Llama 3's tokenizer.json is the published file, byte for byte")
    func published() throws {
        let data = try #require(TestFiles.data)
        let made = try GGUFTokenizer(GGUFFile(path: path("llama-bpe"))).json
        #expect(try made == TestFiles.bytes("\(data)/tokenizers/llama3/tokenizer.json"))
    }

    @Test("the merges that follow from Llama 2's scores are those of the published file")
    func merges() throws {
        let data = try #require(TestFiles.data)
        let made = try JSONValue.parse(
            ByteView(GGUFTokenizer(GGUFFile(path: path("llama-spm"))).json))
        let published = try JSONValue.read(path: "\(data)/tokenizers/llama2/tokenizer.json")
        #expect(try made.required("model").elements("merges").count == 61_249)
        #expect(made["model"]?["merges"] == published["model"]?["merges"])
        for key in ["added_tokens", "normalizer", "pre_tokenizer", "decoder"] {
            #expect(made[key] == published[key], "\(key)")
        }
    }
}

extension [UInt8] {
    /// The parts between occurrences of a mark.
    fileprivate func split(_ mark: [UInt8]) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        var start = 0
        var position = 0
        while position + mark.count <= count {
            if self[position] == mark[0], self[position..<position + mark.count].elementsEqual(mark)
            {
                parts.append(Array(self[start..<position]))
                position += mark.count
                start = position
            } else {
                position += 1
            }
        }
        return parts + [Array(self[start...])]
    }
}

extension JSONValue {
    fileprivate func required(_ key: String) throws -> JSONValue {
        try #require(self[key], "\(key)")
    }
}
