import SwiftletBytes
import SwiftletSentencePiece
import SwiftletText
import Testing
import _SwiftletTestSupport

/// Builds the bytes of SentencePiece models.
struct ModelBytes {
    var bytes: [UInt8] = []

    static func varint(_ value: UInt64) -> [UInt8] {
        var value = value
        var bytes: [UInt8] = []
        while value > 127 {
            bytes.append(UInt8(value & 127) | 128)
            value >>= 7
        }
        return bytes + [UInt8(value)]
    }

    /// A field of bytes, or a message.
    static func field(_ number: UInt64, _ content: [UInt8]) -> [UInt8] {
        varint(number << 3 | 2) + varint(UInt64(content.count)) + content
    }

    /// A number field.
    static func field(_ number: UInt64, _ value: UInt64) -> [UInt8] {
        varint(number << 3) + varint(value)
    }

    /// A complete piece.
    static func piece(_ spelling: [UInt8], score: Float = 0, type: UInt64 = 1) -> [UInt8] {
        let bits = score.bitPattern
        let number = [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: bits >> $0) }
        return field(1, field(1, spelling) + [0x15] + number + field(3, type))
    }

    static func piece(_ spelling: String, score: Float = 0, type: UInt64 = 1) -> [UInt8] {
        piece(Array(spelling.utf8), score: score, type: type)
    }

    /// The trainer's settings: the algorithm and byte_fallback.
    static func trainer(_ algorithm: UInt64 = 2, byteFallback: Bool = false) -> [UInt8] {
        field(2, field(3, algorithm) + (byteFallback ? field(35, 1) : []))
    }

    /// Normalization rules: a trie and its replacements.
    static func rules(trie: [UInt32], replacements: [UInt8]) -> [UInt8] {
        let size = trie.count * 4
        func bytes(_ value: UInt32) -> [UInt8] {
            [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: value >> $0) }
        }
        return field(3, field(2, bytes(UInt32(size)) + trie.flatMap(bytes) + replacements))
    }

    /// A model with `<unk>`, ▁, a, b, and further fields.
    static func model(_ more: [UInt8]...) -> [UInt8] {
        piece("<unk>", type: 2) + piece("▁") + piece("a") + piece("b")
            + trainer() + more.flatMap { $0 }
    }

    /// The tokenizer of a model with these bytes.
    static func load(_ bytes: [UInt8]) throws -> TextTokenizer {
        let folder = try TestFiles.temporaryFolder()
        try RawFile.write(bytes, folder.file("tokenizer.model"))
        return try TextTokenizer(
            path: folder.file("tokenizer.model"), sentencePiece: .library)
    }
}
