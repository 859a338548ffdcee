import SwiftletBytes
import SwiftletCompute
import Testing
import _SwiftletTestSupport

@testable import SwiftletLM

/// Every family and variant against the reference's numbers (`fixtures/decoders`).
@Suite struct DecoderGoldenTests {
    /// Folders of language models, except the one that is refused.
    static let models = Decoders.folders.filter { folder in
        !folder.hasSuffix("-classes") && folder != "qwen2-window"
    }

    private func model(_ folder: String) throws -> LanguageModel {
        try LanguageModel(path: TestFiles.fixture("decoders/\(folder)"))
    }

    private func golden(_ folder: String) throws -> JSONValue {
        try GoldenFile.json("decoders/\(folder)/golden.json")
    }

    @Test func allFamiliesArePresent() {
        let families = Set(Self.models.map { $0.prefix { $0 != "-" } })
        #expect(families == ["gpt2", "opt", "gpt_neox", "qwen", "qwen2", "qwen3", "llama"])
        #expect(Self.models.count > 35)
    }

    @Test(arguments: models)
    func logProbabilities(_ folder: String) throws {
        let scorer = Scorer(try model(folder), context: try ComputeContext(threadCount: 2))
        let cases = try golden(folder).elements("scores")
        let requests = try cases.map { Scorer.Request(ids: try $0.tokens("ids")) }
        let packed = try scorer.score(requests)
        for (index, request) in requests.enumerated() {
            let expected = try cases[index].doubles("logprobs")
            expectClose(packed[index], expected, within: 1e-4)
            let alone = try scorer.score([request])[0]
            expectClose(alone, expected, within: 1e-4)
        }
    }

    @Test(arguments: models)
    func logitsOfTheLastToken(_ folder: String) throws {
        let scorer = Scorer(try model(folder), context: try ComputeContext(threadCount: 2))
        let expected = try #require(try golden(folder)["logits"])
        let logits = try scorer.logits(expected.tokens("ids"))
        expectClose(
            try #require(logits.last).map(Double.init), try expected.doubles("values"),
            within: 1e-4)
    }

    @Test(arguments: models)
    func greedyContinuations(_ folder: String) throws {
        let session = GenerationSession(
            try model(folder), context: try ComputeContext(threadCount: 2))
        let file = try #require(try golden(folder)["greedy"])
        for golden in try file.elements("cases") {
            var scores: [Double] = []
            let sequence = try session.generate(
                try golden.tokens("prompt"),
                GenerationOptions(
                    maxNewTokens: Int(try file.double("max_new_tokens")),
                    stopTokens: try golden.tokens("eos_token_ids"))
            ) { piece throws(SwiftletError) in
                scores.append(piece.logProbability)
                return true
            }
            #expect(try sequence.ids == golden.tokens("new_ids"))
            #expect(sequence.finished == golden["finished"]?.bool)
            expectClose(scores, try golden.doubles("logprobs"), within: 1e-4)
        }
    }

    /// Variants have fewer cases than a family's base.
    @Test(arguments: models)
    func beams(_ folder: String) throws {
        let session = GenerationSession(
            try model(folder), context: try ComputeContext(threadCount: 2))
        let file = try #require(try golden(folder)["beams"])
        let cases = try file.elements("cases")
        #expect(cases.count >= 2)
        for golden in cases {
            let value = try #require(golden["early_stopping"])
            let stopping = value.string ?? (value.bool == true ? "true" : "false")
            let beams = BeamOptions(
                beamCount: Int(try file.double("num_beams")),
                returnCount: Int(try golden.double("num_return_sequences")),
                lengthPenalty: try golden.double("length_penalty"),
                earlyStopping: try #require(.init(rawValue: stopping)))
            let options = GenerationOptions(
                maxNewTokens: Int(try file.double("max_new_tokens")), strategy: .beams(beams),
                repetitionPenalty: golden["repetition_penalty"]?.double ?? 1,
                stopTokens: try golden.tokens("eos_token_ids"))
            let prompt = try golden.tokens("prompt")
            // A second prompt in the same call changes nothing.
            let found = try session.generate([prompt, [5, 3]], options)[0]
            let expected = try golden.elements("sequences")
            #expect(try found.map(\.ids) == expected.map { try $0.tokens("new_ids") })
            #expect(found.map(\.finished) == expected.map { $0["finished"]?.bool })
            expectClose(
                found.map(\.score), try expected.map { try $0.double("score") },
                within: 1e-4)
        }
    }

    @Test(arguments: models)
    func hiddenStates(_ folder: String) throws {
        guard let hidden = try golden(folder)["hidden"] else { return }
        let embedder = Embedder(try model(folder), context: try ComputeContext(threadCount: 2))
        let ids = try hidden.tokens("ids")
        let rows = try embedder.rows(ids)
        let expected = try hidden.elements("values").flatMap { try $0.doubles() }
        expectClose(rows.values.map(Double.init), expected, within: 1e-4)
        let last = try embedder.lastRows([[1, 2, 3], ids]).rows(1..<2).values.map(Double.init)
        expectClose(last, Array(expected.suffix(last.count)), within: 1e-4)
    }

    @Test func aWindowShorterThanTheContextIsRefused() {
        #expect(throws: SwiftletError(.unsupportedKey, "")) {
            try LanguageModel(path: TestFiles.fixture("decoders/qwen2-window"))
        }
    }
}

/// The folders of `fixtures/decoders`.
enum Decoders {
    static var folders: [String] {
        let names = try? FileSystem.names(in: TestFiles.fixture("decoders")).sorted()
        return (names ?? []).filter { FileSystem.isFolder(TestFiles.fixture("decoders/\($0)")) }
    }
}
