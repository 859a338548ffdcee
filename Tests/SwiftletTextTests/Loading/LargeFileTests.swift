import SwiftletBytes
import SwiftletText
import Testing
import _SwiftletTestSupport

/// Vocabularies of more than a megabyte, whose second half is read by another thread.
struct LargeFileTests {
    private static let letters = Array("abcdefghijklmnopqrstuvwxyz")
    private static let capitals = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    private static let longCount = 60_000

    /// How the merges are written.
    enum Form: CaseIterable {
        case lines, oneLine, lists, brokenLists
    }

    /// The two tokens of two letters that make up the token with an index.
    ///
    /// Each begins with a capital, so that nothing else in the token merges.
    private static func halves(_ index: Int) -> (String, String) {
        func pair(_ value: Int) -> String { String([capitals[value / 26], letters[value % 26]]) }
        return (pair(index / 676), pair(index % 676))
    }

    /// A file with all pairs of letters, then tokens of two pairs, and merges in the order of
    /// tokens.
    private static func file(
        _ form: Form, merge: (Int, String, String) -> (String, String) = { ($1, $2) },
        id: (Int) -> Int = { $0 }
    ) throws -> TemporaryFolder {
        var tokens = (0..<256).map { byte -> String in
            let spelling = ByteSpelling.of(UInt8(byte))
            return spelling == "\"" || spelling == "\\" ? "\\\(spelling)" : spelling
        }
        var merges: [(String, String)] = []
        for first in capitals {
            for second in letters {
                tokens.append("\(first)\(second)")
                merges.append((String(first), String(second)))
            }
        }
        for index in 0..<longCount {
            let (left, right) = halves(index)
            tokens.append(left + right)
            merges.append(merge(index, left, right))
        }
        let line = form == .oneLine ? "" : "\n      "
        let vocabulary = tokens.enumerated().map { "\(line)\"\($1)\": \(id($0))" }
        let list = merges.map { left, right in
            switch form {
            case .lines, .oneLine: "\(line)\"\(left) \(right)\""
            case .lists: "\(line)[\"\(left)\", \"\(right)\"]"
            case .brokenLists: "\(line)[\(line)  \"\(left)\",\(line)  \"\(right)\"\(line)]"
            }
        }
        let folder = try TestFiles.temporaryFolder()
        try SmallVocabulary.write(
            """
            {"added_tokens": [], "normalizer": null,
            "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true},
            "decoder": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true},
            "post_processor": null,
            "model": {"type": "BPE", "vocab": {\(vocabulary.joined(separator: ","))},
            "merges": [\(list.joined(separator: ","))]}}
            """, folder.file("tokenizer.json"))
        return folder
    }

    @Test("everything is read, however the file is broken into lines", arguments: Form.allCases)
    func loads(_ form: Form) throws {
        let folder = try Self.file(form)
        let tokenizer = try TextTokenizer(path: folder.path)
        for index in stride(from: 0, to: Self.longCount, by: 379) {
            let (left, right) = Self.halves(index)
            #expect(try tokenizer.encodeIDs(left + right) == [Int32(256 + 676 + index)])
        }
        #expect(try tokenizer.encodeIDs("ZzZz").count == 2)
    }

    @Test("a bad merge in the second half is reported with its index", arguments: Form.allCases)
    func mergePlace(_ form: Form) throws {
        for wrong in [20_000, 50_000] {
            let folder = try Self.file(
                form, merge: { $0 == wrong ? ($1, $2 + "?") : ($1, $2) })
            let error = #expect(throws: SwiftletError.self) {
                try TextTokenizer(path: folder.path)
            }
            #expect(error?.code == .tokenizerMerge)
            let text = error.map { "\($0)" } ?? ""
            #expect(text.contains("model.merges \(676 + wrong)"), "\(text)")
        }
    }

    @Test("an id in the second half that also occurs in the first")
    func idTwice() throws {
        let folder = try Self.file(.lines, id: { $0 == 50_000 ? 10_000 : $0 })
        let tokenizer = try TextTokenizer(path: folder.path)
        let tokens = [10_000, 50_000].map { id in
            let (left, right) = Self.halves(id - 256 - 676)
            return left + right
        }
        #expect(try tokens.map { try tokenizer.encodeIDs($0) } == [[10_000], [10_000]])
        #expect(tokenizer.token(of: 10_000) == tokens[0])
        #expect(tokenizer.token(of: 50_000) == nil)
        #expect(tokenizer.notes.count == 1)
        #expect(tokenizer.notes.first?.contains("the id 10000") == true)
    }
}

/// The byte alphabet of GPT-2's `bytes_to_unicode`.
private enum ByteSpelling {
    static func of(_ byte: UInt8) -> String {
        let printable = (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE
        guard !printable else { return String(Unicode.Scalar(byte)) }
        let before = (0..<byte).filter {
            !((0x21...0x7E).contains($0) || (0xA1...0xAC).contains($0) || $0 >= 0xAE)
        }
        return Unicode.Scalar(0x100 + UInt32(before.count)).map { String($0) } ?? ""
    }
}
