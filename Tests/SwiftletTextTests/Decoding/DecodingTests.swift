import SwiftletBytes
import SwiftletText
import Testing
import _SwiftletTestSupport

/// Decoding ids to text.
struct DecodingTests {
    /// Bytes that are not UTF-8, and the text that tokenizers 0.23.3 makes of them.
    private static let broken: [([UInt8], String)] = [
        ([0xE2, 0x82, 0x41], "\u{FFFD}A"),
        ([0xF0, 0x80, 0x80, 0x41], "\u{FFFD}\u{FFFD}\u{FFFD}A"),
        ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),
        ([0xF4, 0x90, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
        ([0xC0, 0x80], "\u{FFFD}\u{FFFD}"),
        ([0xE2, 0x82], "\u{FFFD}"),
        ([0xF0, 0x9F, 0x98], "\u{FFFD}"),
        ([0x61, 0x80, 0x62], "a\u{FFFD}b"),
        ([0xF1, 0x80, 0x80, 0xE1, 0x80, 0xC2, 0x62, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}b\u{FFFD}"),
        ([0xE0, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),
        ([0xFF, 0xFE], "\u{FFFD}\u{FFFD}"),
    ]

    private func ids(_ bytes: [UInt8], _ tokenizer: TextTokenizer) throws -> [Int32] {
        let known = (0..<Int32(tokenizer.vocabularyCount)).filter {
            tokenizer.bytes(of: $0)?.count == 1
        }
        return try bytes.map { byte in
            try #require(known.first { tokenizer.bytes(of: $0) == [byte] })
        }
    }

    @Test(
        "maximal subparts become U+FFFD, whether decoded together or one by one", arguments: broken)
    func lossy(_ bytes: [UInt8], _ text: String) throws {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        let ids = try ids(bytes, tokenizer)
        #expect(try tokenizer.decode(ids) == text)
        var stream = StreamingDecoder(tokenizer)
        var joined = ""
        for id in ids { joined += try stream.push(id) }
        joined += stream.finish()
        #expect(joined == text)
    }

    @Test("a stream waits for the rest of a character")
    func stream() throws {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        var stream = StreamingDecoder(tokenizer)
        var pieces: [String] = []
        for id in try ids(Array("a😀é".utf8), tokenizer) { pieces.append(try stream.push(id)) }
        #expect(pieces == ["a", "", "", "", "😀", "", "é"])
        #expect(stream.finish().isEmpty)
        #expect(try stream.push(511) == "<|endoftext|>")
    }

    @Test("random bytes: the pieces of a stream add up to the text")
    func randomStream() throws {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        var random = SplitMix64(seed: 5)
        for _ in 0..<300 {
            let ids = (0..<20).map { _ in Int32.random(in: 90..<300, using: &random) }
            var stream = StreamingDecoder(tokenizer)
            var joined = ""
            for id in ids { joined += try stream.push(id) }
            joined += stream.finish()
            #expect(joined == (try tokenizer.decode(ids)))
        }
    }

    @Test("an unknown id is named in the error", arguments: [-1, 512, Int32.max])
    func unknown(_ id: Int32) throws {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        #expect(tokenizer.token(of: id) == nil && tokenizer.bytes(of: id) == nil)
        let error = #expect(throws: SwiftletError.self) { try tokenizer.decode([64, id]) }
        #expect(error?.code == .tokenIDUnknown && error?.reason.contains("\(id)") == true)
        var stream = StreamingDecoder(tokenizer)
        #expect(throws: SwiftletError(.tokenIDUnknown, "")) { try stream.push(id) }
    }

    @Test("spellings and ids map to each other")
    func spellings() throws {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        #expect(tokenizer.vocabularyCount == 512)
        #expect(tokenizer.token(of: 220) == "Ġ" && tokenizer.bytes(of: 220) == [0x20])
        for id in 0..<Int32(512) {
            let token = try #require(tokenizer.token(of: id))
            #expect(tokenizer.id(of: token) == id)
        }
        #expect(tokenizer.id(of: "no such token") == nil)
    }
}
