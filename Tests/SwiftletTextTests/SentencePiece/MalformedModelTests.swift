import SwiftletBytes
import SwiftletText
import Testing
import _SwiftletTestSupport

/// Model files that are refused, with the code, and a part of the error text.
struct MalformedModelTests {
    private func expect(
        _ bytes: [UInt8], _ code: SwiftletError.Code, _ mention: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        do {
            _ = try ModelBytes.load(bytes)
            Issue.record("taken", sourceLocation: sourceLocation)
        } catch let error as SwiftletError {
            #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
            #expect("\(error)".contains(mention), "\(error)", sourceLocation: sourceLocation)
            #expect(
                error.file?.hasSuffix("tokenizer.model") == true, sourceLocation: sourceLocation)
        } catch {
            Issue.record(error, sourceLocation: sourceLocation)
        }
    }

    @Test("a valid model, built by hand")
    func byHand() throws {
        let tokenizer = try ModelBytes.load(
            ModelBytes.model(ModelBytes.piece("ab", score: -1), ModelBytes.piece("▁ab", score: -2)))
        #expect(try tokenizer.encodeIDs("ab abab") == [5, 5, 4])
        #expect(try tokenizer.encode("xyb").ids == [1, 0, 3])
        #expect(try tokenizer.encode("xyb").offsets == [0..<0, 0..<2, 2..<3])
    }

    @Test("bytes that are not a protocol buffer")
    func wire() {
        let model = ModelBytes.model()
        expect([], .foreignContent, "is empty")
        expect(Array(model.dropLast()), .sentencePieceWire, "offset")
        expect(model + [0x0A], .sentencePieceWire, "middle of a number")
        expect(model + [0x0A, 5, 1], .sentencePieceWire, "claims 5 bytes")
        expect(model + [0x00], .sentencePieceWire, "not a tag")
        expect(model + [0x0B], .sentencePieceWire, "wire type 3")
        expect(model + [0x0F], .sentencePieceWire, "wire type 7")
        expect(model + [0x08, 1], .sentencePieceWire, "wire type 0")
        expect(
            model + [UInt8](repeating: 0xFF, count: 11), .sentencePieceWire, "more than ten bytes")
        expect(model + [0x0D, 1, 2], .sentencePieceWire, "wire type 5")
        expect(model + [0xCD, 0x0C, 1, 2], .sentencePieceWire, "middle of a value")
        expect(model + ModelBytes.field(1, [0x15, 0, 0]), .sentencePieceWire, "middle of a value")
        expect(model + ModelBytes.field(1, [0x0A, 200, 1]), .sentencePieceWire, "claims 200")
        expect(
            model
                + ModelBytes.field(1, [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]),
            .sentencePieceWire, "claims")
    }

    @Test("invalid pieces")
    func pieces() {
        let model = ModelBytes.model()
        expect(model + ModelBytes.piece("a"), .sentencePiecePiece, "duplicate token")
        expect(model + ModelBytes.piece("a", type: 3), .sentencePiecePiece, "\"a\"")
        expect(model + ModelBytes.piece(""), .sentencePiecePiece, "empty")
        expect(model + ModelBytes.piece("c", score: .nan), .sentencePiecePiece, "NaN")
        expect(model + ModelBytes.piece("c", type: 7), .sentencePiecePiece, "type 7")
        expect(model + ModelBytes.piece("c", type: 0), .sentencePiecePiece, "type 0")
        expect(model + ModelBytes.piece("?", type: 2), .sentencePiecePiece, "like piece")
        expect(model + ModelBytes.piece([0x61, 0xFF]), .notUTF8, "offset")
        expect(model + ModelBytes.piece("c", type: 3), .sentencePiecePiece, "one character")
        expect(model + ModelBytes.piece("c\0", type: 4), .sentencePiecePiece, "zero byte")
        expect(model + ModelBytes.piece("<0x41>", type: 6), .sentencePiecePiece, "byte_fallback")
        let fallback = model + ModelBytes.trainer(byteFallback: true)
        expect(fallback, .sentencePiecePiece, "0 of the 256")
        expect(fallback + ModelBytes.piece("<0x4a>", type: 6), .sentencePiecePiece, "<0x00>")
        expect(ModelBytes.piece("a") + ModelBytes.trainer(), .sentencePiecePiece, "unknown")
        let unigram = ModelBytes.piece("<unk>", type: 2) + ModelBytes.trainer(1)
        expect(unigram + ModelBytes.piece("a\0"), .sentencePiecePiece, "zero byte")
        expect(unigram + ModelBytes.piece("a", score: .infinity), .sentencePiecePiece, "score")
    }

    @Test("user-defined pieces that are prefixes of one another")
    func nesting() throws {
        func chain(_ count: Int) -> [UInt8] {
            (1...count).flatMap { ModelBytes.piece(String(repeating: "x", count: $0), type: 4) }
        }
        #expect(try ModelBytes.load(ModelBytes.model(chain(64))).encodeIDs("xx") == [1, 5])
        expect(ModelBytes.model(chain(65)), .sentencePiecePiece, "more than 63")
    }

    @Test("invalid settings")
    func settings() {
        let model = ModelBytes.model()
        expect(
            model + ModelBytes.field(2, ModelBytes.field(3, 5 as UInt64)), .sentencePieceSpec,
            "type 5")
        expect(
            model + ModelBytes.field(2, ModelBytes.field(3, [1])), .sentencePieceWire, "wire type 2"
        )
        expect(
            model + ModelBytes.field(3, ModelBytes.field(1, Array("nonsense".utf8))),
            .tokenizerUnsupported, "nonsense")
        expect(
            model + ModelBytes.field(5, ModelBytes.field(2, [1, 2, 3])), .tokenizerUnsupported,
            "decoding")
        let sample =
            ModelBytes.field(1, Array("ab".utf8)) + ModelBytes.field(2, Array("▁ a b".utf8))
        #expect(throws: Never.self) {
            try ModelBytes.load(model + ModelBytes.field(4, ModelBytes.field(1, sample)))
        }
        let wrong = ModelBytes.field(1, Array("ab".utf8)) + ModelBytes.field(2, Array("▁a b".utf8))
        expect(
            model + ModelBytes.field(4, ModelBytes.field(1, wrong)), .sentencePieceSelfTest,
            "sample")
    }

    /// Units whose labels do not match their place in a block, so that they lead nowhere.
    static func unused(_ count: Int) -> [UInt32] {
        (0..<count).map { UInt32($0 & 0xFF ^ 1) }
    }

    @Test("normalization rules that lead outside of themselves")
    func rules() throws {
        // The children of the root are the block at 256. "a" ends there; its leaf at 512 says "b".
        var trie = Self.unused(768)
        trie[0] = 256 << 10
        trie[256 ^ 0x61] = UInt32((256 ^ 0x61) ^ 512) << 10 | 1 << 8 | 0x61
        trie[512] = 1 << 31 | 0
        let model = ModelBytes.model()
        let good = ModelBytes.rules(trie: trie, replacements: [0x62, 0])
        #expect(try ModelBytes.load(model + good).encodeIDs("aba") == [1, 3, 3, 3])
        func bad(_ mention: String, _ change: (inout [UInt32]) -> Void) {
            var changed = trie
            change(&changed)
            expect(
                model + ModelBytes.rules(trie: changed, replacements: [0x62, 0]),
                .sentencePieceCharacterMap, mention)
        }
        bad("after the end") { $0[512] = 1 << 31 | 2 }
        bad("outside the trie") { $0[0] = 768 << 10 }
        bad("outside the trie") { $0[700] = 1 << 30 }
        bad("no replacement") { $0[512] = 0 }
        bad("root is a leaf") { $0[0] = 1 << 31 }
        bad("multiple of 1024") { $0.removeLast() }
        bad("circle") {
            $0[256 ^ 0x62] = UInt32((256 ^ 0x62) ^ 256) << 10 | 0x62
        }
        bad("zero byte") { $0[256] = 256 << 10 }
        expect(
            model + ModelBytes.rules(trie: trie, replacements: [0x62]), .sentencePieceCharacterMap,
            "no zero byte")
        expect(
            model + ModelBytes.rules(trie: trie, replacements: [0xFF, 0]),
            .sentencePieceCharacterMap, "UTF-8")
        expect(
            model + ModelBytes.field(3, ModelBytes.field(2, [1, 2, 3])),
            .sentencePieceCharacterMap, "missing")
    }

    /// More rules that are prefixes of one another than the reference has room for.
    @Test("a chain of rules")
    func chain() {
        var trie = Self.unused(256 * 72)
        // Node k has its children in block 2k + 1, whose first unit is its leaf.
        trie[0] = 256 << 10
        for depth in 0..<33 {
            let index = (2 * depth + 1) * 256 ^ 0x61
            let children = (2 * depth + 3) * 256
            trie[index] = UInt32(index ^ children) << 10 | 1 << 8 | 0x61
            trie[children] = 1 << 31
        }
        expect(
            ModelBytes.model() + ModelBytes.rules(trie: trie, replacements: [0]),
            .sentencePieceCharacterMap, "prefixes of one another")
    }

    @Test("a rule for a string of more than 1024 bytes", arguments: [1024, 1025])
    func longRule(_ length: Int) {
        var trie = Self.unused(256 * (length + 2))
        // Node k has its children in block k + 1; no string ends anywhere.
        trie[0] = 256 << 10
        for depth in 0..<length {
            let index = (depth + 1) * 256 ^ 0x61
            trie[index] = UInt32(index ^ (depth + 2) * 256) << 10 | 0x61
        }
        let model = ModelBytes.model() + ModelBytes.rules(trie: trie, replacements: [0])
        if length > 1024 {
            expect(model, .sentencePieceCharacterMap, "more than 1024 bytes")
        } else {
            #expect(throws: Never.self) { try ModelBytes.load(model) }
        }
    }

    @Test("an engine is used, and is never given what it would refuse")
    func engine() throws {
        let unigram =
            ModelBytes.piece("<unk>", type: 2) + ModelBytes.piece("<s>", type: 3)
            + ModelBytes.piece("▁a", score: -1) + ModelBytes.piece("a", score: -2)
            + ModelBytes.trainer(1)
        #expect(try ModelBytes.load(unigram).encodeIDs("aa") == [2, 3])
        // SentencePiece itself fails on a word that is spelled like a control piece.
        let word =
            ModelBytes.piece("<unk>", type: 2) + ModelBytes.piece("<s>", type: 3)
            + ModelBytes.piece("a", score: -1) + ModelBytes.trainer(3)
            + ModelBytes.field(3, ModelBytes.field(3, 0 as UInt64))
        let tokenizer = try ModelBytes.load(word)
        #expect(try tokenizer.encode("<s>") == Encoding(ids: [0], offsets: [0..<3]))
    }
}
