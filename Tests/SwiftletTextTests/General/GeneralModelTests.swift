import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletText

/// Models, decoders and post-processors of the general path, against tokenizers.
struct GeneralModelTests {
    /// A file of `fixtures/general-models`, and what the reference makes with it.
    private struct Golden {
        var name: String
        var isUnigram: Bool
        var tokenizer: TextTokenizer
        var cases: [[JSONValue]]
        var decoded: [[JSONValue]]
    }

    private func goldens() throws -> [Golden] {
        let path = TestFiles.fixture("general-models/files.jsonl")
        return try GoldenFile.objects(path).map { row in
            let folder = try TestFiles.temporaryFolder()
            let file = try #require(row["file"])
            try SmallVocabulary.write(file.text(), folder.file("tokenizer.json"))
            return Golden(
                name: try row.string("name"),
                isUnigram: file["model"]?["type"]?.string == "Unigram",
                tokenizer: try TextTokenizer(path: folder.path),
                cases: try row.elements("cases").map { try $0.elements() },
                decoded: try row.elements("decoded").map { try $0.elements() })
        }
    }

    @Test("ids and offsets of every option of BPE and Unigram")
    func encoding() throws {
        var (compared, refused) = (0, 0)
        for golden in try goldens() {
            for parts in golden.cases {
                let text = try #require(parts[0].string)
                let place: Comment = "\(golden.name): \(text.debugDescription)"
                guard let expected = parts[1].array else {
                    let error = #expect(throws: SwiftletError.self, place) {
                        try golden.tokenizer.encode(text)
                    }
                    #expect(error?.code == .tokenizerWord, place)
                    refused += 1
                    continue
                }
                let encoding = try golden.tokenizer.encode(text)
                #expect(encoding.ids == (try expected[0].tokens()), place)
                #expect(try golden.tokenizer.encodeIDs(text) == encoding.ids, place)
                compared += 1
                guard let offsets = expected[1].array else { continue }
                let whole = encoding.offsets.map { $0.widened(toCharactersOf: text) }
                for (ours, offset) in zip(whole, offsets) {
                    let bounds = try offset.ints()
                    if golden.isUnigram {
                        // The reference gives all bytes of a run of unknown characters its range.
                        #expect(
                            bounds[0] <= ours.lowerBound && ours.upperBound <= bounds[1], place)
                    } else {
                        #expect(ours == bounds[0]..<bounds[1], place)
                    }
                }
                if golden.isUnigram { try checkPartition(encoding, text, place) }
            }
        }
        #expect(compared > 300)
        #expect(refused > 5)
    }

    /// Checks that no two tokens of a Unigram model share a byte, not even if the text has parts
    /// that no token covers.
    private func checkPartition(_ encoding: Encoding, _ text: String, _ place: Comment) throws {
        var position = 0
        for range in encoding.offsets where !range.isEmpty {
            #expect(range.lowerBound >= position, place)
            position = range.upperBound
        }
        #expect(position <= text.utf8.count, place)
    }

    @Test("decoded text of every decoder, at once and in pieces")
    func decoding() throws {
        var compared = 0
        for golden in try goldens() {
            for parts in golden.decoded {
                let ids = try parts[0].tokens()
                for (skips, expected) in zip([true, false], try parts[1].elements()) {
                    let place: Comment = "\(golden.name): \(ids)"
                    #expect(
                        try golden.tokenizer.decode(ids, skipSpecialTokens: skips)
                            == expected.string, place)
                    var stream = StreamingDecoder(golden.tokenizer, skipSpecialTokens: skips)
                    var pieces = try ids.map { try stream.push($0) }
                    pieces.append(stream.finish())
                    #expect(pieces.joined() == expected.string, place)
                    compared += 1
                }
            }
        }
        #expect(compared > 500)
    }

    @Test("scores are the doubles that the reference reads")
    func scores() throws {
        let rows = try GoldenFile.objects(TestFiles.fixture("general-models/scores.jsonl"))
        #expect(rows.count > 50)
        for row in rows {
            let text = try row.string("text")
            let value = try #require(Double(try row.string("value")))
            #expect(ScoreText.double(text) == value, "\(text)")
        }
        // Not all of them are the nearest.
        #expect(try rows.contains { try Double($0.string("text")) != Double($0.string("value")) })
        #expect(ScoreText.double("1e309") == nil)
        #expect(ScoreText.double("1e99999999999999999999") == nil)
        #expect(ScoreText.double("0e99999999999999999999") == 0)
        #expect(ScoreText.double("1e-99999999999999999999") == 0)
    }

    @Test("text comes as soon as no further token can change it")
    func streaming() throws {
        let path = TestFiles.fixture("sentencepiece-json/tokenizer.json")
        var file = try #require(JSONValue.read(path: path).object)
        // One more step than the other path knows.
        file["decoder"] = try JSONValue.parse(
            ByteView(
                Array(
                    #"""
                    {"type": "Sequence", "decoders": [
                        {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                        {"type": "ByteFallback"}, {"type": "Fuse"},
                        {"type": "Strip", "content": " ", "start": 1, "stop": 1}]}
                    """#.utf8)), file: "")
        let folder = try TestFiles.temporaryFolder()
        try SmallVocabulary.write(JSONValue.object(file).text(), folder.file("tokenizer.json"))
        let tokenizer = try TextTokenizer(path: folder.path)
        let ids = ["▁", "▁", "a", "<0xE2>", "<0x82>", "<0xAC>", "b", "▁", "▁"].map {
            tokenizer.id(of: $0) ?? -1
        }
        var stream = StreamingDecoder(tokenizer)
        let pieces = try ids.map { try stream.push($0) }
        #expect(pieces == ["", "", " a", "", "", "", "€b", "", " "])
        #expect(stream.finish() == "")
        #expect(try tokenizer.decode(ids) == " a€b ")
    }
}
