import SwiftletBytes
import SwiftletCheckpoint
import Testing
import _SwiftletTestSupport

@testable import SwiftletLM

@Suite struct OpeningTests {
    @Test func aModelIsAPathOrAnID() throws {
        let path = TestFiles.fixture("gpt2-tiny")
        #expect(try LanguageModel(path).path == path)
        // Nothing is downloaded.
        let missing = SwiftletError(.modelNotFound, "")
        #expect(throws: missing) { try LanguageModel("swiftlet-tests/no-such-model") }
        #expect(throws: missing) { try LanguageModel("no such model") }
        #expect(throws: SwiftletError(.noSuchFile, "")) {
            try LanguageModel(path: "swiftlet-tests/no-such-model")
        }
    }

    @Test func aModelOpensItsTokenizerOnce() throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let copy = model
        #expect(try copy.tokenizer() === model.tokenizer())
    }
}
