import SwiftletBytes
import SwiftletText
import Testing
import _SwiftletTestSupport

@testable import SwiftletLM

/// Where opening and closing tokens go.
///
/// The ids are those of transformers' tokenizers, and closed as TRL's `SFTTrainer` closes texts.
@Suite struct PromptEncoderTests {
    private func encoder(
        _ tokenizer: TextTokenizer, _ stopTokens: [Int32], vocabularySize: Int = 264
    ) -> PromptEncoder {
        PromptEncoder(
            tokenizer: tokenizer, stopTokens: stopTokens, vocabularySize: vocabularySize)
    }

    @Test(arguments: [true, false])
    func theTemplateClosesNothing(_ closes: Bool) throws {
        let tokenizer = try ClosingTokenizers.bytes(closes: closes)
        #expect(try tokenizer.encode("ab").ids == [64, 65] + (closes ? [257] : []))
        let encoder = encoder(tokenizer, [257])
        #expect(try encoder.front("ab") == [64, 65])
        #expect(try encoder.continuation("c") == [66])
        #expect(try encoder.continuation("c", closes: true) == [66, 257])
        #expect(try encoder.text("abc") == [64, 65, 66])
        #expect(try encoder.text("abc", closes: true) == [64, 65, 66, 257])
        #expect(try encoder.templated("ab") == tokenizer.encode("ab").ids)
    }

    @Test func onlyTheFrontIsOpened() throws {
        let tokenizer = try ClosingTokenizers.llama()
        #expect(try tokenizer.encode("ab").ids == [1, 263, 261, 2])
        let encoder = encoder(tokenizer, [2])
        #expect(try encoder.front("ab") == [1, 263, 261])
        #expect(try encoder.continuation("c", closes: true) == [259, 262, 2])
        #expect(try encoder.text("ab", closes: true) == [1, 263, 261, 2])
        let request = try encoder.request(prompt: "ab", completion: "c", closes: true)
        #expect(request.ids == [1, 263, 261, 259, 262, 2])
        #expect(request.firstScored == 3)
        // An opening token is enough of a prompt.
        #expect(try encoder.request(prompt: "", completion: "c", closes: false).firstScored == 1)
    }

    @Test func textsAreClosedOnce() throws {
        let encoder = encoder(try ClosingTokenizers.bytes(closes: true), [256, 257])
        #expect(try encoder.text("abc<|eot_id|>", closes: true) == [64, 65, 66, 257])
        #expect(try encoder.continuation("c<|eot_id|>", closes: true) == [66, 257])
        // Any stop token closes a text.
        #expect(try encoder.text("abc<|end_of_text|>", closes: true) == [64, 65, 66, 256])
        #expect(try encoder.closing([64, 257]) == [64, 257])
        #expect(try encoder.closing([64, 65]) == [64, 65, 257])
        // A stop token that a prompt contains does not close the completion.
        #expect(try encoder.front("a<|eot_id|>") == [64, 257])
        #expect(try encoder.continuation("", closes: true) == [257])
        // The first token opens a sequence, even if it is a stop token.
        #expect(try encoder.closing([257]) == [257, 257])
        #expect(try encoder.closing([]) == [257])
    }

    @Test(
        arguments: [
            ([256, 257], 257), ([257, 256], 257), ([256], 256), ([256, 255], 256), ([257], 257),
            ([], 257),
        ] as [([Int32], Int32)])
    func theTokenizersEndOfSequenceClosesIfItStops(_ stopTokens: [Int32], _ closing: Int32) throws {
        let encoder = encoder(try ClosingTokenizers.bytes(closes: false), stopTokens)
        #expect(encoder.closingToken() == closing)
        #expect(try encoder.text("abc", closes: true) == [64, 65, 66, closing])
    }

    @Test func idsOutsideTheModelsVocabularyAreRefused() throws {
        let tokenizer = try ClosingTokenizers.bytes(closes: false)
        let outside = SwiftletError(.tokenOutsideVocabulary, "")
        let encoder = encoder(tokenizer, [257], vocabularySize: 100)
        #expect(throws: outside) { try encoder.front("é") }
        #expect(throws: outside) { try encoder.text("a", closes: true) }
        #expect(throws: outside) { try encoder.closing([1]) }
        #expect(try encoder.text("a") == [64])
    }

    @Test func aCompletionNeedsAPrompt() throws {
        let encoder = encoder(try ClosingTokenizers.bytes(closes: true), [257])
        #expect(throws: SwiftletError(.emptyPrompt, "")) {
            try encoder.request(prompt: "", completion: "c", closes: true)
        }
    }

    /// A copy of the tiny GPT-2 with a tokenizer that cannot be read.
    private func broken(stopTokens: String) throws -> LanguageModel {
        let folder = try TestFiles.temporaryFolder()
        let source = TestFiles.fixture("gpt2-tiny")
        for name in ["config.json", "model.safetensors"] {
            try AtomicFile.write(
                try TestFiles.bytes("\(source)/\(name)"), to: folder.file(name))
        }
        try AtomicFile.write(Array("{".utf8), to: folder.file("tokenizer.json"))
        try AtomicFile.write(
            Array("{\"eos_token_id\": \(stopTokens)}".utf8),
            to: folder.file("generation_config.json"))
        return try LanguageModel(path: folder.path)
    }

    @Test func idsNeedNoTokenizer() throws {
        for (stopTokens, closing) in [("7", 7), ("[9, 8]", 9)] as [(String, Int32)] {
            let model = try broken(stopTokens: stopTokens)
            let encoder = PromptEncoder(model)
            #expect(try encoder.request(ids: [1, 2], closes: true).ids == [1, 2, closing])
            #expect(throws: SwiftletError.self) { try encoder.front("a") }
        }
    }
}
