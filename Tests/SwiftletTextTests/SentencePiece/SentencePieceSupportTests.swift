import SwiftletBytes
import SwiftletSentencePiece
import SwiftletText
import Testing
import _SwiftletTestSupport

/// The algorithms of SentencePiece are chosen per tokenizer, not per process.
struct SentencePieceSupportTests {
    private static let unigram = TestFiles.fixture("sentencepiece/unigram.model")

    /// One piece per byte, all with the same id.
    private struct ByteEngine: SentencePieceEngine {
        let id: Int32

        func encode(_ text: UnsafeBufferPointer<UInt8>, _ body: (Int32, Int) -> Void) -> Bool {
            for _ in text { body(id, 1) }
            return true
        }
    }

    @Test("without SwiftletSentencePiece, BPE is read and other algorithms are refused")
    func builtIn() throws {
        let bpe = TestFiles.fixture("sentencepiece/bpe-bytes.model")
        #expect(throws: Never.self) { try TextTokenizer(path: bpe, sentencePiece: .builtIn) }
        let error = #expect(throws: SwiftletError.self) {
            try TextTokenizer(path: Self.unigram, sentencePiece: .builtIn)
        }
        #expect(error?.code == .tokenizerUnsupported)
        #expect(error?.file == Self.unigram)
        #expect(error?.hint?.contains("SwiftletSentencePiece") == true)
    }

    @Test("with the import, a path alone is enough")
    func library() throws {
        let text = "the lighthouse"
        let plain = try TextTokenizer(path: Self.unigram)
        let explicit = try TextTokenizer(path: Self.unigram, sentencePiece: .library)
        #expect(try plain.encode(text) == explicit.encode(text))
    }

    @Test("custom engines, side by side")
    func custom() throws {
        for id in [Int32(7), 9] {
            let support = SentencePieceSupport { _ in ByteEngine(id: id) }
            let tokenizer = try TextTokenizer(path: Self.unigram, sentencePiece: support)
            let ids = try tokenizer.encodeIDs("ab", addSpecialTokens: false)
            #expect(!ids.isEmpty && ids.allSatisfy { $0 == id })
        }
        // The default is unchanged.
        #expect(throws: SwiftletError(.tokenizerUnsupported, "")) {
            try TextTokenizer(path: Self.unigram, sentencePiece: .builtIn)
        }
    }
}
