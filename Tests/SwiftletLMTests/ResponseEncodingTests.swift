import SwiftletText
import Testing
import _SwiftletTestSupport

@testable import SwiftletLM

/// Responses after their prompt, with the bytes that each token covers.
@Suite struct ResponseEncodingTests {
    private static let texts = ["keeper", "the lamp, café", "世界 🙂", "a  b\nc", "e\u{301}x", "{}"]

    private static func encoder(_ path: String) throws -> (PromptEncoder, TextTokenizer) {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture(path))
        let encoder = PromptEncoder(
            tokenizer: tokenizer, stopTokens: [3], vocabularySize: tokenizer.vocabularyCount)
        return (encoder, tokenizer)
    }

    @Test(arguments: [("bpe-small", false), ("sentencepiece/bpe-bytes.model", true)])
    func tokensTileTheSpaceAndTheText(_ path: String, _ insertsSpace: Bool) throws {
        let (encoder, tokenizer) = try Self.encoder(path)
        #expect(tokenizer.insertsSpace == insertsSpace)
        for text in Self.texts {
            let open = try encoder.response(text, closes: false)
            #expect(!open.isClosed && open.byteLengths.count == open.ids.count)
            #expect(open.byteLengths.reduce(0, +) == text.utf8.count + 1)
            #expect(
                open.ids
                    == (try tokenizer.encodeIDs(
                        insertsSpace ? text : " " + text, addSpecialTokens: false)))
            let bytes = open.ids.flatMap { tokenizer.bytes(of: $0) ?? [] }
            #expect(bytes == PromptEncoder.responseBytes(text))
            let closed = try encoder.response(text, closes: true)
            #expect(closed.isClosed && closed.ids == open.ids + [3])
            #expect(closed.byteLengths == open.byteLengths)
            #expect(try encoder.continuationText(of: text) == (insertsSpace ? text : " " + text))
        }
    }

    @Test func anEmptyResponseMayHaveNoToken() throws {
        let (separate, _) = try Self.encoder("bpe-small")
        #expect(try separate.response("", closes: true).byteLengths == [1])
        let (inserted, _) = try Self.encoder("sentencepiece/bpe-bytes.model")
        let response = try inserted.response("", closes: true)
        #expect(response.ids == [3] && response.byteLengths.isEmpty && response.isClosed)
    }
}
