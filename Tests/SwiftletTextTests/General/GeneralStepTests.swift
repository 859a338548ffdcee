import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletText

/// Normalizers, pre-tokenizers and added tokens of the general path, against tokenizers.
struct GeneralStepTests {
    /// Writes a `tokenizer.json` with the model of `fixtures/general-steps` and other keys.
    private func folder(_ keys: JSONValue) throws -> TemporaryFolder {
        var file: JSONObject = ["decoder": ["type": "Fuse"]]
        for key in ["added_tokens", "normalizer", "pre_tokenizer"] {
            if let value = keys[key] { file[key] = value }
        }
        file["model"] = try JSONValue.read(path: TestFiles.fixture("general-steps/model.json"))
        let folder = try TestFiles.temporaryFolder()
        try SmallVocabulary.write(JSONValue.object(file).text(), folder.file("tokenizer.json"))
        return folder
    }

    private func tokenizer(_ keys: String) throws -> TextTokenizer {
        let keys = try JSONValue.parse(ByteView(Array(keys.utf8)), file: "")
        return try tokenizer(keys)
    }

    private func tokenizer(_ keys: JSONValue) throws -> TextTokenizer {
        let folder = try folder(keys)
        return try withExtendedLifetime(folder) { try TextTokenizer(path: folder.path) }
    }

    @Test("ids, offsets and decoded texts of every step")
    func goldens() throws {
        let path = TestFiles.fixture("general-steps/steps.jsonl")
        var (compared, refused) = (0, 0)
        for row in try GoldenFile.objects(path) {
            let tokenizer = try tokenizer(row)
            for golden in try row.elements("cases") {
                let parts = try golden.elements()
                let text = try #require(parts[0].string)
                let steps = [row["normalizer"], row["pre_tokenizer"], row["added_tokens"]]
                let place: Comment =
                    "\(steps.map { ($0 ?? .null).text() }): \(text.debugDescription)"
                guard let expected = parts[1].array else {
                    let error = #expect(throws: SwiftletError.self, place) {
                        try tokenizer.encode(text)
                    }
                    #expect(error?.code == .tokenizerNormalization, place)
                    refused += 1
                    continue
                }
                let encoding = try tokenizer.encode(text)
                #expect(encoding.ids == (try expected[0].tokens()), place)
                #expect(try tokenizer.encodeIDs(text) == encoding.ids, place)
                let whole = encoding.offsets.map { $0.widened(toCharactersOf: text) }
                let offsets = try expected[1].elements().map {
                    let bounds = try $0.ints()
                    return bounds[0]..<bounds[1]
                }
                #expect(whole == offsets, place)
                #expect(try tokenizer.decode(encoding.ids) == expected[2].string, place)
                compared += 1
            }
        }
        #expect(compared > 900)
        #expect(refused > 10)
    }

    @Test("a token that is part of a character has exactly its bytes")
    func partsOfCharacters() throws {
        let level = #"""
            {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}
            """#
        let tokenizer = try tokenizer(
            #"{"normalizer": {"type": "NFKC"}, "pre_tokenizer": \#(level)}"#)
        // The first three bytes of 𝄞 stay apart; ﬁ becomes two characters that share its bytes.
        let encoding = try tokenizer.encode("x𝄞ﬁ")
        #expect(encoding.offsets == [0..<1, 1..<2, 2..<3, 3..<4, 4..<5, 5..<8, 5..<8])
    }

    @Test("files that the other paths read stay there")
    func fastPaths() throws {
        let steps = #"""
            {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [
                {"type": "Punctuation", "behavior": "Isolated"},
                {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true}]}}
            """#
        // Its vocabulary has a token for every byte, but its decoder is not ByteLevel.
        #expect(try tokenizer(steps).model is GeneralTokenModel)
        let small = try SmallVocabulary.tokenizerFile {
            $0["pre_tokenizer"] = try? JSONValue.parse(
                ByteView(Array(steps.utf8)), file: "")["pre_tokenizer"]
        }
        let model = try #require(
            try TextTokenizer(path: small.path).model as? ByteLevelModel)
        #expect(model.splits.count == 1)
        #expect(model.notes == [])
    }

    @Test("the vocabulary's id of an added token wins, which is noted")
    func addedTokenID() throws {
        let flags = #""single_word": false, "lstrip": false, "rstrip": false, "normalized": true"#
        let tokenizer = try tokenizer(
            #"{"added_tokens": [{"id": 7, "content": "ab", "special": true, \#(flags)}]}"#)
        let known = try #require(tokenizer.model.id(of: Array("ab".utf8)))
        #expect(known != 7)
        #expect(tokenizer.id(of: "ab") == known)
        #expect(tokenizer.token(of: 7) != "ab")
        #expect(tokenizer.notes.count == 1)
        #expect(tokenizer.notes.first?.contains("has id 7") == true)
        #expect(tokenizer.notes.first?.contains("\(known)") == true)
    }

    /// The keys of a tokenizer with two added tokens.
    private func twoTokens(_ first: String, _ second: String) -> String {
        let flags = #""single_word": false, "normalized": false, "special": true"#
        return """
            {"added_tokens": [{"id": 289, \(first), \(flags)}, {"id": 290, \(second), \(flags)}]}
            """
    }

    @Test("added tokens that take white space from one another")
    func contestedSpace() throws {
        let front = #""content": "<s>", "lstrip": false, "rstrip": true"#
        // Nothing is left for a token that would be all white space already taken.
        let both = try tokenizer(
            twoTokens(front, #""content": "\t", "lstrip": true, "rstrip": true"#))
        #expect(try both.encodeIDs("<s>\t") == [289])
        let left = try tokenizer(
            twoTokens(front, #""content": "\t", "lstrip": true, "rstrip": false"#))
        let error = #expect(throws: SwiftletError.self) { try left.encodeIDs("<s>\t\t\t") }
        #expect(error?.code == .tokenizerNormalization)
    }

    @Test(
        "added tokens that a normalizer makes nothing or the same of",
        arguments: [
            (#"{"type": "StripAccents"}"#, "\u{301}", "nothing"),
            (#"{"type": "Lowercase"}"#, "AB", "same"),
        ])
    func normalizedAway(_ normalizer: String, _ content: String, _ mention: String) throws {
        let flags =
            #""single_word": false, "lstrip": false, "rstrip": false, "normalized": true"#
        let error = #expect(throws: SwiftletError.self) {
            try tokenizer(
                """
                {"normalizer": \(normalizer), "added_tokens": [
                    {"id": 289, "content": "aB", "special": true, \(flags)},
                    {"id": 290, "content": "\(content)", "special": true, \(flags)}]}
                """)
        }
        #expect(error?.code == .tokenizerAddedToken)
        #expect("\(try #require(error))".contains(mention))
    }

    @Test(
        "what is refused, by name",
        arguments: [
            (#"{"normalizer": {"type": "BertNormalizer"}}"#, "BertNormalizer"),
            (#"{"normalizer": {"type": "Novel"}}"#, "Novel"),
            (#"{"pre_tokenizer": {"type": "Novel"}}"#, "Novel"),
            (
                #"{"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Mine"}]}}"#,
                "Mine"
            ),
        ])
    func unsupported(_ keys: String, _ mention: String) throws {
        let error = #expect(throws: SwiftletError.self) { try tokenizer(keys) }
        #expect(error?.code == .tokenizerUnsupported)
        #expect("\(try #require(error))".contains(mention))
    }

    @Test(
        "settings that are missing or invalid",
        arguments: [
            (#"{"normalizer": {"type": "Strip", "strip_left": true}}"#, "strip_right"),
            (#"{"normalizer": {"type": "Prepend"}}"#, "prepend"),
            (#"{"normalizer": {"type": "Replace", "content": ""}}"#, "pattern"),
            (#"{"normalizer": {"type": "Sequence"}}"#, "normalizers"),
            (#"{"normalizer": {"type": "Precompiled", "precompiled_charsmap": "?"}}"#, "base64"),
            (#"{"pre_tokenizer": {"type": "Digits"}}"#, "individual_digits"),
            (#"{"pre_tokenizer": {"type": "FixedLength", "length": 0}}"#, "length"),
            (#"{"pre_tokenizer": {"type": "Punctuation", "behavior": "X"}}"#, "behavior"),
            (#"{"pre_tokenizer": {"type": "CharDelimiterSplit", "delimiter": "ab"}}"#, "character"),
            (#"{"pre_tokenizer": {"type": "Metaspace", "replacement": ""}}"#, "replacement"),
            (
                #"{"pre_tokenizer": {"type": "Metaspace", "replacement": "_", "prepend_scheme": "x"}}"#,
                "prepend_scheme"
            ),
        ])
    func invalid(_ keys: String, _ mention: String) throws {
        let error = #expect(throws: SwiftletError.self) { try tokenizer(keys) }
        #expect(error?.code == .tokenizerKey)
        #expect("\(try #require(error))".contains(mention))
    }

    @Test("rules that lead outside of themselves are refused")
    func hostileRules() throws {
        let error = #expect(throws: SwiftletError.self) {
            // A trie of 1024 zero bytes is announced, and there are three.
            try tokenizer(
                #"{"normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAQAAAAAAA=="}}"#)
        }
        #expect(error?.code == .sentencePieceCharacterMap)
    }

    @Test("steps that would fill the memory are refused")
    func growth() throws {
        let double = #"{"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}"#
        let steps = Array(repeating: double, count: 40).joined(separator: ",")
        let tokenizer = try tokenizer(
            #"{"normalizer": {"type": "Sequence", "normalizers": [\#(steps)]}}"#)
        let error = #expect(throws: SwiftletError.self) { try tokenizer.encode("a") }
        #expect(error?.code == .tokenizerNormalization)
        #expect(try tokenizer.encodeIDs("b").count == 1)
    }

    @Test("a score that is not finite is refused", arguments: ["NaN", "Infinity", "-Infinity"])
    func score(_ score: String) throws {
        let folder = try TestFiles.temporaryFolder()
        let path = folder.file("tokenizer.json")
        try SmallVocabulary.write(
            """
            {"decoder": {"type": "Fuse"},
             "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["a", \(score)]]}}
            """, path)
        let error = #expect(throws: SwiftletError.self) { try TextTokenizer(path: path) }
        #expect(error?.code.kind == .badData)
        #expect("\(try #require(error))".contains(score))
    }

    @Test("a long text takes time in proportion to its length")
    func longText() throws {
        let tokenizer = try tokenizer(
            #"""
            {"normalizer": {"type": "Sequence", "normalizers": [
                {"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}]},
             "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
                {"type": "Punctuation"}, {"type": "Metaspace", "replacement": "▁"}]}}
            """#)
        let part = "É １２ e\u{301}, ab"
        let once = try tokenizer.encode(part)
        let count = 5_000
        let many = try tokenizer.encode(String(repeating: part, count: count))
        #expect(many.ids.count >= (once.ids.count - 1) * count)
        #expect(many.offsets.last?.upperBound == part.utf8.count * count)
        // Marks of one base are sorted in one go.
        let marks = String(repeating: "\u{301}\u{323}", count: 20_000)
        let ids = try tokenizer.encodeIDs("a" + marks)
        #expect(ids.count <= 2)
    }
}
