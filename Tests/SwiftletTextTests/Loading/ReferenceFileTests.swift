import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletText

/// What tokenizers reads in a tokenizer.json, and what it refuses: `fixtures/tokenizer-files`.
struct ReferenceFileTests {
    /// A file, and what the reference makes with it.
    private struct Row {
        var name: String
        var file: String
        /// Nil if the reference refuses the file, or fails on a text.
        var result: JSONValue?
        var isRefused: Bool

        /// Loads the file from a folder of its own.
        func tokenizer() throws -> TextTokenizer {
            let folder = try TestFiles.temporaryFolder()
            try SmallVocabulary.write(file, folder.file("tokenizer.json"))
            return try withExtendedLifetime(folder) { try TextTokenizer(path: folder.path) }
        }
    }

    private func rows(_ group: String) throws -> [Row] {
        try GoldenFile.objects(TestFiles.fixture("tokenizer-files/files.jsonl"))
            .filter { $0["group"]?.string == group }
            .map { row in
                let result = row["result"] ?? .null
                return Row(
                    name: try row.string("name"), file: try row.string("file"),
                    result: result.object == nil ? nil : result, isRefused: result == .null)
            }
    }

    /// Compares ids, and where they are wanted offsets and decoded texts.
    private func compare(
        _ row: Row, _ tokenizer: TextTokenizer, offsets: Bool = false, decoded: Bool = true
    ) throws {
        for golden in try row.result?.elements("texts") ?? [] {
            let parts = try golden.elements()
            let text = try #require(parts[0].string)
            let place: Comment = "\(row.name): \(text.debugDescription)"
            let encoding = try tokenizer.encode(text)
            #expect(encoding.ids == (try parts[1].tokens()), place)
            if offsets, parts[2] != .null {
                let whole = encoding.offsets.map { $0.widened(toCharactersOf: text) }
                let expected = try parts[2].elements().map { offset in
                    let bounds = try offset.ints()
                    return bounds[0]..<bounds[1]
                }
                #expect(whole == expected, place)
            }
            guard decoded else { continue }
            for (skips, expected) in zip([true, false], try parts[3].elements()) {
                #expect(
                    try tokenizer.decode(encoding.ids, skipSpecialTokens: skips) == expected.string,
                    place)
            }
        }
        for spelling in try row.result?.elements("spellings") ?? [] {
            let parts = try spelling.elements()
            let id = try #require(parts[0].int.flatMap { Int32(exactly: $0) })
            #expect(tokenizer.token(of: id) == parts[1].string, "\(row.name): \(id)")
        }
    }

    @Test("keys that are missing, null, of another kind, unknown or of an older form")
    func keys() throws {
        var (compared, refused) = (0, 0)
        for row in try rows("keys") {
            if row.isRefused {
                #expect(throws: SwiftletError.self, "\(row.name)") { try row.tokenizer() }
                refused += 1
            } else if row.result != nil {
                try compare(row, row.tokenizer())
                compared += 1
            }
        }
        #expect(compared > 150)
        #expect(refused > 200)
    }

    @Test("added tokens get the ids that adding assigns, whatever the file says, and a note")
    func addedTokens() throws {
        var noted = 0
        for row in try rows("added") {
            let tokenizer = try row.tokenizer()
            try compare(row, tokenizer)
            noted += tokenizer.notes.isEmpty ? 0 : 1
        }
        #expect(noted > 50)
        let flags =
            #""single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true"#
        let folder = try SmallVocabulary.tokenizerFile {
            $0["added_tokens"] = try JSONValue.parse(
                ByteView(Array(#"[{"id": 700, "content": "<new>", \#(flags)}]"#.utf8)))
        }
        let tokenizer = try TextTokenizer(path: folder.path)
        #expect(tokenizer.id(of: "<new>") == 512)
        #expect(tokenizer.token(of: 700) == nil)
        #expect(tokenizer.notes.count == 1)
        for part in ["<new>", "700", "512"] {
            #expect(tokenizer.notes.first?.contains(part) == true)
        }
    }

    @Test("an added token of the configuration with an id of its own, as in transformers")
    func configuredToken() throws {
        let folder = try SmallVocabulary.copy(["vocab.json", "merges.txt"])
        try SmallVocabulary.write(
            #"""
            {"tokenizer_class": "GPT2Tokenizer", "added_tokens_decoder": {
                "600": {"content": "<new>"}, "550": {"content": "<other>", "special": true}}}
            """#, folder.file("tokenizer_config.json"))
        let tokenizer = try TextTokenizer(path: folder.path)
        #expect(tokenizer.id(of: "<other>") == 512)
        #expect(tokenizer.id(of: "<new>") == 513)
        #expect(tokenizer.notes.count == 2)
    }

    @Test("tokens that share an id are all found, and the id stands for the first of them")
    func sharedIDs() throws {
        var noted = 0
        for row in try rows("ids") {
            let tokenizer = try row.tokenizer()
            try compare(row, tokenizer, offsets: true, decoded: false)
            noted += tokenizer.notes.contains { $0.contains("several tokens") } ? 1 : 0
        }
        #expect(noted > 30)
        // The same in the older form of the files.
        let folder = try TestFiles.temporaryFolder()
        try SmallVocabulary.write(
            #"{"a": 0, "b": 1, "c": 1, "ab": 3, "averylongtoken": 1}"#, folder.file("vocab.json"))
        try SmallVocabulary.write("#version: 0.2\na b\n", folder.file("merges.txt"))
        for name in ["GPT2Tokenizer", "GPTNeoXTokenizer", "Qwen2Tokenizer"] {
            try SmallVocabulary.write(
                #"{"tokenizer_class": "\#(name)"}"#, folder.file("tokenizer_config.json"))
            let tokenizer = try TextTokenizer(path: folder.path)
            #expect(try tokenizer.encodeIDs("abc") == [3, 1])
            #expect(try tokenizer.encode("abc").offsets == [0..<2, 2..<3])
            #expect(tokenizer.token(of: 1) == "b")
            #expect(tokenizer.id(of: "averylongtoken") == 1)
            #expect(try tokenizer.decode([3, 1]) == "abb")
        }
    }

    @Test("prefixes and suffixes of BPE, also as bytes")
    func affixes() throws {
        for row in try rows("affixes") { try compare(row, row.tokenizer(), offsets: true) }
    }

    @Test("a prefix of megabytes takes no more than its memory, and no more than its time")
    func longPrefix() throws {
        let prefix = String(repeating: "p", count: 4 << 20)
        let bytes = (0..<256).map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return #""<0x\#(digits.count == 1 ? "0" : "")\#(digits)>": \#(byte + 2)"#
        }
        for (fallsBack, key) in [
            (false, "continuing_subword_prefix"), (false, "end_of_word_suffix"),
            (true, "continuing_subword_prefix"),
        ] {
            let model = #"""
                {"\#(key)": "\#(prefix)", "byte_fallback": \#(fallsBack), "merges": [],
                 "vocab": {"a": 0, "b": 1, \#(bytes.joined(separator: ", "))}}
                """#
            var reader = JSONReader(ByteView(Array(model.utf8)), file: "")
            let words = try GeneralModelFile.read(&reader, file: "")
            var tokens: [(id: Int32, range: Range<Int>)] = []
            let text = [UInt8](repeating: UInt8(ascii: "a"), count: 100_000)
            let encode = {
                try text.withUnsafeBufferPointer { word throws(SwiftletError) in
                    try words.append(word, to: &tokens)
                }
            }
            if fallsBack {
                // Each character would be four million tokens.
                #expect(throws: SwiftletError(.tokenizerWord, "")) { try encode() }
            } else {
                try encode()
                #expect(tokens.count == (key == "end_of_word_suffix" ? 99_999 : 1))
            }
        }
    }

    @Test("NFC by the tables of tokenizers, with other steps and alone")
    func normalization() throws {
        let rows = try GoldenFile.objects(TestFiles.fixture("tokenizer-files/nfc.jsonl"))
        #expect(rows.count > 300)
        for row in rows {
            var text = try row.string("text")
            let expected = Array(try row.string("nfc").utf8)
            let place: Comment = "\(text.unicodeScalars.map { String($0.value, radix: 16) })"
            let (alone, newer) = text.withUTF8 { text in
                (
                    NFC.normalize(text, .reference)?.bytes ?? Array(text),
                    NFC.normalize(text)?.bytes ?? Array(text)
                )
            }
            #expect(alone == expected, place)
            #expect(newer != expected, place)
            let fields = try JSONFields(
                tokenizer: .object(["type": "NFC"]), file: nil)
            let general = try GeneralNormalizer(fields).normalize(Array(text.utf8))
            #expect(general == expected, place)
        }
    }

    @Test("each note once, and no more than eight of a kind")
    func notes() throws {
        let patterns = (0..<12).map { "x{\($0 + 1)}y" }
        let steps = (patterns + patterns).map { pattern in
            #"{"type": "Split", "pattern": {"Regex": "\#(pattern)"}, "behavior": "Isolated", "invert": false}"#
        }
        let folder = try SmallVocabulary.tokenizerFile {
            $0["pre_tokenizer"] = try JSONValue.parse(
                ByteView(
                    Array(
                        #"""
                        {"type": "Sequence", "pretokenizers": [\#(steps.joined(separator: ", ")),
                         {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true}]}
                        """#.utf8)))
        }
        let notes = try TextTokenizer(path: folder.path).notes
        #expect(notes.count == 9)
        #expect(Set(notes).count == 9)
        #expect(notes.last == "and 4 more notes like the last one")
    }
}
