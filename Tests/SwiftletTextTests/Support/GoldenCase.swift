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
        try GoldenFile.objects(path).map { value in
            GoldenCase(
                text: try value.string("text"), ids: try value.tokens("ids"),
                idsNoSpecial: try value.tokens("ids_no_special"),
                offsets: try value.elements("offsets").map {
                    let bounds = try $0.ints()
                    return bounds[0]..<bounds[1]
                },
                decoded: try value.string("decoded"))
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
