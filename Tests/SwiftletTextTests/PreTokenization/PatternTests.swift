import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletText

/// Words of patterns with and without a scanner, compared with Hugging Face's tokenizers.
@Suite(
    "Patterns without a scanner",
    .enabled("libonig is not installed") { (try? GeneralPattern("a")) != nil })
struct PatternTests {
    private struct Case {
        let text: String
        let encoding: Encoding

        init(_ value: JSONValue) throws {
            let object = try #require(value.object)
            text = try #require(object["text"]?.string)
            let ids = try #require(object["ids"]?.array).compactMap { $0.int.map { Int32($0) } }
            let offsets = try #require(object["offsets"]?.array).compactMap { range in
                range.array.flatMap { pair -> Range<Int>? in
                    guard pair.count == 2, let start = pair[0].int, let end = pair[1].int else {
                        return nil
                    }
                    return start..<end
                }
            }
            try #require(ids.count == offsets.count)
            encoding = Encoding(ids: ids, offsets: offsets)
        }
    }

    private static func fixture(_ name: String) -> String {
        TestFiles.fixture("bpe-patterns/\(name)")
    }

    private static func lines(_ name: String) throws -> [JSONValue] {
        let view = try MappedFile(path: fixture(name)).bytes
        let text = try UTF8Check.text(view)
        return try text.split(separator: "\n").map { line in
            var reader = JSONReader(ByteView(Array(line.utf8)))
            return try JSONValue(&reader)
        }
    }

    private func check(_ tokenizer: TextTokenizer, _ cases: [Case], _ note: String) throws {
        #expect(!cases.isEmpty)
        for item in cases {
            let encoding = try tokenizer.encode(item.text)
            #expect(encoding == item.encoding, "\(note): \(item.text.debugDescription)")
            #expect(try tokenizer.encodeIDs(item.text) == encoding.ids)
        }
    }

    /// A tokenizer with another pre-tokenizer.
    private func tokenizer(_ preTokenizer: JSONValue) throws -> TextTokenizer {
        var object = try #require(
            JSONValue.read(path: Self.fixture("o200k/tokenizer.json")).object)
        object["pre_tokenizer"] = preTokenizer
        let folder = try TestFiles.temporaryFolder()
        try SmallVocabulary.write(JSONValue.object(object).text(), folder.file("tokenizer.json"))
        return try TextTokenizer(path: folder.path)
    }

    private func split(_ regex: String, _ behavior: String = "Isolated") -> JSONValue {
        [
            "type": "Sequence",
            "pretokenizers": .array([
                [
                    "type": "Split", "pattern": ["Regex": .string(regex)],
                    "behavior": .string(behavior), "invert": .bool(false),
                ],
                [
                    "type": "ByteLevel", "add_prefix_space": .bool(false),
                    "trim_offsets": .bool(true), "use_regex": .bool(false),
                ],
            ]),
        ]
    }

    @Test("families", arguments: ["o200k", "qwen3.5"])
    func families(_ name: String) throws {
        let cases = try Self.lines("\(name).jsonl").map { try Case($0) }
        let scanned = try TextTokenizer(path: Self.fixture(name))
        #expect(scanned.notes.isEmpty)
        try check(scanned, cases, name)
        // A group around the pattern changes nothing but that it has no scanner.
        var object = try #require(
            JSONValue.read(path: Self.fixture("\(name)/tokenizer.json")).object)
        object["pre_tokenizer"] = split("(?:\(try pattern(name)))")
        let folder = try TestFiles.temporaryFolder()
        try SmallVocabulary.write(JSONValue.object(object).text(), folder.file("tokenizer.json"))
        let matched = try TextTokenizer(path: folder.path)
        #expect(matched.notes.count == 1)
        #expect(matched.notes.first?.contains(#"\p{N}"#) == true)
        try check(matched, cases, name)
    }

    /// The pattern of a fixture's split.
    private func pattern(_ name: String) throws -> String {
        let object = try #require(
            JSONValue.read(path: Self.fixture("\(name)/tokenizer.json")).object)
        let steps = try #require(object["pre_tokenizer"]?.object?["pretokenizers"]?.array)
        return try #require(steps.first?.object?["pattern"]?.object?["Regex"]?.string)
    }

    @Test("every behavior of Split")
    func splits() throws {
        for line in try Self.lines("splits.jsonl") {
            let object = try #require(line.object)
            let preTokenizer = try #require(object["pre_tokenizer"])
            let cases = try #require(object["cases"]?.array).map { try Case($0) }
            try check(try tokenizer(preTokenizer), cases, preTokenizer.text())
        }
    }

    @Test("a known pattern needs no library and has no note")
    func known() throws {
        let gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
        #expect(try tokenizer(split(gpt2)).notes.isEmpty)
        #expect(try tokenizer(split(gpt2, "Removed")).notes.count == 1)
    }

    @Test("invalid patterns", arguments: ["(", "[a", #"\p{Nothing}"#, #"(?<n>a)\k<m>"#])
    func refused(_ regex: String) throws {
        let error = #expect(throws: SwiftletError.self) { try tokenizer(split(regex)) }
        #expect(error?.code == .tokenizerPattern)
        #expect(error.map { "\($0)" }?.contains("tokenizer.json") == true)
    }

    @Test("an unknown behavior")
    func behavior() throws {
        let error = #expect(throws: SwiftletError.self) { try tokenizer(split("a", "Dropped")) }
        #expect(error?.code == .tokenizerKey)
    }

    @Test("a pattern that backtracks endlessly is given up on with an error")
    func limit() throws {
        let tokenizer = try tokenizer(split("(?:a|a)+(?=!)"))
        #expect(try tokenizer.encodeIDs("aa!").count > 0)
        let text = String(repeating: "a", count: 60)
        let error = #expect(throws: SwiftletError.self) { try tokenizer.encodeIDs(text) }
        #expect(error?.code == .tokenizerPatternLimit)
        #expect(throws: SwiftletError(.tokenizerPatternLimit, "")) {
            try tokenizer.encode(batch: ["aa!", text], threads: 2)
        }
    }

    @Test("several threads use one pattern")
    func threads() throws {
        let tokenizer = try TextTokenizer(path: Self.fixture("o200k"))
        let cases = try Self.lines("o200k.jsonl").map { try Case($0) }
        let encodings = try tokenizer.encode(batch: cases.map(\.text), threads: 4)
        #expect(encodings == cases.map(\.encoding))
    }
}
