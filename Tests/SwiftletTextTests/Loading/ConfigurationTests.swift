import SwiftletBytes
import SwiftletText
import Testing
import _SwiftletTestSupport

/// The effect of the files beside the vocabulary, compared with transformers 5.23.0's
/// AutoTokenizer.
struct ConfigurationTests {
    private let text = "a<|endoftext|>b<x> <y>"

    /// A tokenizer of `vocab.json` and `merges.txt`, or of `tokenizer.json`, with these files.
    private func tokenizer(
        _ files: [String: String], tokenizerFile: Bool = false
    ) throws -> TextTokenizer {
        let folder = try SmallVocabulary.copy(
            ["vocab.json", "merges.txt"] + (tokenizerFile ? ["tokenizer.json"] : []))
        for (name, text) in files { try SmallVocabulary.write(text, folder.file(name)) }
        return try TextTokenizer(path: folder.path)
    }

    private func config(_ rest: String) -> [String: String] {
        ["tokenizer_config.json": #"{"tokenizer_class": "GPT2Tokenizer"\#(rest)}"#]
    }

    @Test("without configuration")
    func none() throws {
        let plain = try tokenizer([:])
        #expect(try plain.encodeIDs(text) == [64, 511, 65, 27, 87, 29, 220, 27, 88, 29])
        #expect(plain.endOfSequence == 511)
        #expect(plain.beginningOfSequence == nil)
    }

    @Test("add_prefix_space, which tokenizer.json does not override", arguments: [false, true])
    func prefixSpace(_ file: Bool) throws {
        let prefixing = try tokenizer(config(#", "add_prefix_space": true"#), tokenizerFile: file)
        #expect(try prefixing.encodeIDs(text) == [258, 511, 270, 27, 87, 29, 220, 27, 88, 29])
        let offsets: [Range<Int>] = [0..<1, 1..<14, 14..<15, 15..<16]
        #expect(try Array(prefixing.encode(text).offsets.prefix(4)) == offsets)
        let line = try prefixing.encode("\nab")
        #expect(line.ids == [220, 198, 64, 65])
        #expect(line.offsets == [0..<0, 0..<1, 1..<2, 2..<3])
        #expect(try prefixing.encodeIDs(" ab") == tokenizer([:]).encodeIDs(" ab"))
        #expect(try prefixing.encode("").ids.isEmpty)
    }

    @Test("add_bos_token has an effect without tokenizer.json only")
    func beginning() throws {
        let adding = try tokenizer(config(#", "add_bos_token": true"#))
        #expect(try adding.encodeIDs("\nab") == [511, 198, 64, 65])
        #expect(try adding.encode("\nab").offsets == [0..<0, 0..<1, 1..<2, 2..<3])
        #expect(adding.beginningOfSequence == 511)
        let fromFile = try tokenizer(config(#", "add_bos_token": true"#), tokenizerFile: true)
        #expect(try fromFile.encodeIDs("\nab") == [198, 64, 65])
        #expect(fromFile.beginningOfSequence == nil)
    }

    @Test("add_eos_token, and roles without a token")
    func end() throws {
        let rest =
            #", "add_eos_token": true, "bos_token": null, "unk_token": null, "eos_token": "<x>""#
        let adding = try tokenizer(config(rest))
        #expect(
            try adding.encodeIDs(text) == [
                64, 27, 91, 68, 261, 78, 69, 295, 87, 83, 91, 29, 65, 512, 220, 27, 88, 29, 512,
            ])
        #expect(try adding.encode("ab").offsets.last == 0..<0)
        #expect(adding.endOfSequence == 512)
        #expect(try adding.decode([64, 512], skipSpecialTokens: true) == "a")
    }

    @Test("additional special tokens get the next ids")
    func additional() throws {
        let token = #"{"__type": "AddedToken", "content": "<x>", "lstrip": true}"#
        let rest = #", "additional_special_tokens": ["<y>", \#(token)]"#
        #expect(try tokenizer(config(rest)).encodeIDs(text) == [64, 511, 65, 513, 220, 512])
    }

    @Test("special_tokens_map.json and added_tokens.json")
    func legacy() throws {
        var files = config("")
        files["special_tokens_map.json"] = #"{"pad_token": "<x>"}"#
        files["added_tokens.json"] = #"{"<x>": 512, "<y>": 513}"#
        let legacy = try tokenizer(files)
        let ids = try legacy.encodeIDs(text)
        #expect(ids == [64, 511, 65, 512, 220, 513])
        #expect(try legacy.decode(ids, skipSpecialTokens: true) == "ab <y>")
    }

    @Test("added_tokens_decoder makes the older files void")
    func decoder() throws {
        var files = config(
            #"""
            , "added_tokens_decoder": {
                "511": {"content": "<|endoftext|>", "special": true},
                "512": {"content": "<x>"},
                "513": {"content": "<y>", "special": true, "lstrip": true}}
            """#)
        files["special_tokens_map.json"] = #"{"pad_token": "<z>"}"#
        let tokenizer = try tokenizer(files)
        #expect(try tokenizer.encodeIDs(text) == [64, 511, 65, 512, 513])
        #expect(tokenizer.id(of: "<z>") == nil)
    }

    @Test("a template in tokenizer.json adds ids around the text")
    func template() throws {
        let processor = #"""
            {"type": "Sequence", "processors": [
            {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true},
            {"type": "TemplateProcessing", "pair": [], "single": [
            {"SpecialToken": {"id": "E", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "special_tokens": {"E": {"id": "E", "ids": [511], "tokens": ["<|endoftext|>"]}}}]}
            """#
        let folder = try SmallVocabulary.tokenizerFile {
            $0["post_processor"] = try JSONValue.parse(ByteView(Array(processor.utf8)))
        }
        let tokenizer = try TextTokenizer(path: folder.path)
        #expect(try tokenizer.encodeIDs("ab") == [511, 64, 65])
        #expect(try tokenizer.encodeIDs("ab", addSpecialTokens: false) == [64, 65])
        #expect(tokenizer.beginningOfSequence == 511)
    }

    @Test("merges as pairs, and a split by GPT-2's pattern, give the same ids")
    func otherSpellings() throws {
        let folder = try SmallVocabulary.tokenizerFile { file in
            var model = try #require(file["model"]?.object)
            model["merges"] = .array(
                try #require(model["merges"]?.array).map { merge in
                    .array(
                        try #require(merge.string).split(separator: " ").map { .string(String($0)) }
                    )
                })
            file["model"] = .object(model)
            let pattern =
                #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
            file["pre_tokenizer"] = [
                "type": "Sequence",
                "pretokenizers": .array([
                    [
                        "type": "Split", "pattern": ["Regex": .string(pattern)],
                        "behavior": "Isolated", "invert": .bool(false),
                    ],
                    [
                        "type": "ByteLevel", "add_prefix_space": .bool(false),
                        "trim_offsets": .bool(true), "use_regex": .bool(false),
                    ],
                ]),
            ]
        }
        let tokenizer = try TextTokenizer(path: folder.path)
        for golden in try GoldenCase.read(TestFiles.fixture("bpe-small/golden.jsonl")) {
            #expect(try tokenizer.encodeIDs(golden.text) == golden.ids)
        }
    }

    @Test("with ignore_merges, a word that is a token becomes that token")
    func ignoreMerges() throws {
        func tokenizer(_ ignores: Bool) throws -> TextTokenizer {
            let folder = try SmallVocabulary.tokenizerFile { file in
                var model = try #require(file["model"]?.object)
                var vocab = try #require(model["vocab"]?.object)
                vocab.append("zqzq", JSONValue(512))
                model["vocab"] = .object(vocab)
                model["ignore_merges"] = .bool(ignores)
                file["model"] = .object(model)
            }
            return try TextTokenizer(path: folder.path)
        }
        #expect(try tokenizer(true).encodeIDs("zqzq") == [512])
        #expect(try tokenizer(false).encodeIDs("zqzq") == [89, 80, 89, 80])
    }

    @Test("with use_regex false, the text is a single word")
    func wholeText() throws {
        let folder = try SmallVocabulary.tokenizerFile {
            $0["pre_tokenizer"] = [
                "type": "ByteLevel", "add_prefix_space": .bool(false),
                "trim_offsets": .bool(true), "use_regex": .bool(false),
            ]
        }
        let tokenizer = try TextTokenizer(path: folder.path)
        let naive = try NaiveBPE()
        let text = "The lighthouse, and the lighthouse keeper's cat."
        #expect(try tokenizer.encodeIDs(text) == naive.merge(Array(text.utf8)))
    }
}
