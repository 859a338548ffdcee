import SwiftletBytes
import SwiftletText
import Testing
import _SwiftletTestSupport

/// Strings that overlap themselves and one another, against tokenizers.
struct MatchingGoldenTests {
    @Test("added tokens, literals and Unigram pieces that overlap are found as in tokenizers")
    func files() throws {
        var (compared, refused) = (0, 0)
        for row in try GoldenFile.objects(TestFiles.fixture("matching/files.jsonl")) {
            let name = try row.string("name")
            let file = try #require(row["file"])
            let isUnigram = file["model"]?["type"]?.string == "Unigram"
            let folder = try TestFiles.temporaryFolder()
            try SmallVocabulary.write(file.text(), folder.file("tokenizer.json"))
            let tokenizer = try TextTokenizer(path: folder.path)
            for parts in try row.elements("cases").map({ try $0.elements() }) {
                let text = try #require(parts[0].string)
                let place: Comment = "\(name): \(text.debugDescription)"
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
                for (ours, offset) in zip(whole, try expected[1].elements()) {
                    let bounds = try offset.ints()
                    // The reference gives all characters of a run of unknown ones its range.
                    #expect(
                        isUnigram
                            ? bounds[0] <= ours.lowerBound && ours.upperBound <= bounds[1]
                            : ours == bounds[0]..<bounds[1], place)
                }
                compared += 1
            }
        }
        #expect(compared > 150)
        #expect(refused > 0)
    }
}
