import Swiftlet
import Testing
import _SwiftletTestSupport

/// What the README shows library users, compiled and run.
@Suite struct LibraryUseTests {
    @Test func openACheckpointAndGetATensor() throws {
        let checkpoint = try Checkpoint(path: TestFiles.fixture("gpt2-tiny"))
        let tensor = try #require(
            checkpoint.tensors.first { $0.name == "transformer.wte.weight" })
        #expect(tensor.shape == [512, 48])
        let sum = try tensor.withFloats { values in values.reduce(0, +) }
        #expect(sum.isFinite)
    }

    @Test func encodeWithOffsets() throws {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        let encoding = try tokenizer.encode("The light turned.")
        #expect(encoding.offsets.last == 16..<17)
        #expect(try tokenizer.decode(encoding.ids) == "The light turned.")
    }

    @Test func sentencePieceNeedsNoRegistration() throws {
        let path = TestFiles.fixture("sentencepiece/unigram.model")
        let tokenizer = try TextTokenizer(path: path)
        let encoding = try tokenizer.encode("the lighthouse")
        #expect(encoding.offsets.last?.upperBound == 14)
    }

    @Test func modelsFindSentencePieceToo() throws {
        let folder = try TestFiles.temporaryFolder()
        for (file, name) in [
            ("gpt2-tiny/config.json", "config.json"),
            ("gpt2-tiny/model.safetensors", "model.safetensors"),
            ("sentencepiece/unigram.model", "tokenizer.model"),
        ] {
            let bytes = try MappedFile(path: TestFiles.fixture(file)).bytes.copy()
            try RawFile.write(bytes, folder.file(name))
        }
        try SmallVocabulary.write(
            #"{"tokenizer_class": "LlamaTokenizer"}"#, folder.file("tokenizer_config.json"))
        #expect(throws: Never.self) { try LanguageModel(folder.path).tokenizer() }
        #expect(throws: Never.self) { try LanguageModel(path: folder.path).tokenizer() }
        let model = try LanguageModel(folder.path, sentencePiece: .builtIn)
        #expect(throws: SwiftletError(.tokenizerUnsupported, "")) { try model.tokenizer() }
    }

    @Test func generateWhileReading() async throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let session = GenerationSession(model, context: try ComputeContext(threadCount: 1))
        let options = GenerationOptions(maxNewTokens: 5)
        var text = ""
        for try await piece in session.generate(prompt: "The light", options) {
            text += piece.text
        }
        #expect(!text.isEmpty)
    }

    @Test func oneLossOnAnArrayOfLogits() throws {
        let context = try ComputeContext(threadCount: 1)
        let logits = Matrix(rows: 2, columns: 3, [1, 2, 3, 0, 0, 0])
        let loss = CrossEntropyLoss(targets: [2, 0]).backward(logits, rows: 0..<2, context)
        // (0.40760596 + log 3) / 2
        #expect(abs(loss - 0.753_109_13) < 1e-6)
        #expect(abs(logits[1, 0] + 1.0 / 3) < 1e-6)
    }
}
