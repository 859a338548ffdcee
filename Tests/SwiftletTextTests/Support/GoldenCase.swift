import SwiftletBytes
import SwiftletText
import Testing
import _SwiftletTestSupport

/// A text, and what the reference makes of it.
struct GoldenCase {
    var text: String
    var ids: [Int32]
    var idsNoSpecial: [Int32]
    var offsets: [Range<Int>]
    var decoded: String

    /// The cases of a JSON Lines file.
    static func read(_ path: String) throws -> [GoldenCase] {
        let bytes = try MappedFile(path: path).bytes.copy()
        return try bytes.split(separator: 0x0A).map { line in
            let value = try JSONValue.parse(ByteView(Array(line)), file: path)
            func ids(_ key: String) throws -> [Int32] {
                try #require(value[key]?.array).map { Int32(try #require($0.int)) }
            }
            return GoldenCase(
                text: try #require(value["text"]?.string), ids: try ids("ids"),
                idsNoSpecial: try ids("ids_no_special"),
                offsets: try #require(value["offsets"]?.array).map {
                    try #require($0.array?[0].int)..<(try #require($0.array?[1].int))
                },
                decoded: try #require(value["decoded"]?.string))
        }
    }

    /// Compares everything that a tokenizer makes of the text.
    func check(_ tokenizer: TextTokenizer) throws {
        let encoding = try tokenizer.encode(text)
        #expect(encoding.ids == ids, "\(text.debugDescription)")
        #expect(encoding.offsets == offsets, "\(text.debugDescription)")
        #expect(try tokenizer.encodeIDs(text) == ids)
        #expect(try tokenizer.encodeIDs(text, addSpecialTokens: false) == idsNoSpecial)
        let view = ByteView(Array(text.utf8))
        #expect(try tokenizer.encode(utf8: view, addSpecialTokens: false).ids == idsNoSpecial)
        #expect(try tokenizer.decode(ids, skipSpecialTokens: true) == decoded)
        var stream = StreamingDecoder(tokenizer, skipSpecialTokens: true)
        var pieces = try ids.map { try stream.push($0) }
        pieces.append(stream.finish())
        #expect(pieces.joined() == decoded)
    }
}
