import SwiftletBytes
import SwiftletCompute
import Testing
import _SwiftletTestSupport

@testable import SwiftletLM

@Suite struct ScoringTests {
    /// Fixture folders of the model and of its golden numbers.
    static let models = [
        ("gpt2-tiny", "gpt2-tiny"), ("gpt2-tiny-f16", "gpt2-tiny-f16"),
        ("gpt2-tiny-bf16", "gpt2-tiny-bf16"), ("gpt2-tiny-legacy", "gpt2-tiny"),
        ("gpt2-variant", "gpt2-variant"),
    ]

    @Test(arguments: models)
    func logProbabilitiesMatchTransformers(_ folder: String, _ golden: String) throws {
        let model = try LanguageModel(path: TestFiles.fixture(folder))
        let scorer = Scorer(model, context: try ComputeContext(threadCount: 2))
        let cases = try GoldenFile.json("\(golden)/golden/logprobs.json").elements("cases")
        let requests = try cases.map { Scorer.Request(ids: try $0.tokens("ids")) }
        let packed = try scorer.score(requests)
        for (index, request) in requests.enumerated() {
            let expected = try cases[index].doubles("logprobs")
            expectClose(packed[index], expected, within: 1e-4)
            let single = try scorer.score([request])[0]
            expectClose(single, expected, within: 1e-4)
        }
    }

    @Test(arguments: models)
    func logitsMatchTransformers(_ folder: String, _ golden: String) throws {
        let model = try LanguageModel(path: TestFiles.fixture(folder))
        let scorer = Scorer(model, context: try ComputeContext(threadCount: 2))
        let file = try GoldenFile.json("\(golden)/golden/logprobs.json")
        let cases = try file.elements("cases")
        let rows = try file.elements("logits")
        #expect(!rows.isEmpty)
        for row in rows {
            let ids = try cases[Int(try row.double("case"))].tokens("ids")
            let logits = try scorer.logits(ids)[Int(try row.double("position"))]
            expectClose(logits.map(Double.init), try row.doubles("values"), within: 1e-4)
        }
    }

    @Test func completionsAreScoredGivenTheirPrompts() throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let scorer = Scorer(model, context: try ComputeContext(threadCount: 1))
        let ids: [Int32] = [5, 300, 41, 7, 99]
        let all = try scorer.score([.init(ids: ids)])[0]
        for first in 1...5 {
            let some = try scorer.score([.init(ids: ids, firstScored: first)])[0]
            #expect(some.count == 5 - first)
            expectClose(some, Array(all[(first - 1)...]), within: 1e-5)
        }
    }

    /// A prompt that requests share is computed once; the results are those of each request alone.
    @Test(arguments: [
        "gpt2-tiny", "decoders/llama-2", "decoders/gpt_neox-dynamic", "decoders/qwen-long",
    ])
    func sharedPromptsChangeNothing(_ folder: String) throws {
        let model = try LanguageModel(path: TestFiles.fixture(folder))
        let scorer = Scorer(model, context: try ComputeContext(threadCount: 2))
        let prompt = (0..<20).map { Int32($0 * 7 % 90) }
        let other = prompt.map { $0 + 1 }
        let completions: [[Int32]] = [[1], [5, 6, 7], [], [5, 6, 7, 8, 9, 10], [2, 2]]
        let requests =
            completions.map { Scorer.Request(ids: prompt + $0, firstScored: 20) }
            + [Scorer.Request(ids: other + [4, 4], firstScored: 20), Scorer.Request(ids: prompt)]
        let together = try scorer.score(requests)
        for (request, found) in zip(requests, together) {
            let alone = try scorer.score([request])[0]
            expectClose(found, alone, within: 1e-4)
        }
        #expect(together[1].count == 3)
        let groups = SharedPrompt.groups(requests, model.decoder.description).groups
        // Texts whose length changes the rotation of their first tokens share nothing.
        let shares = !folder.contains("long") && !folder.contains("dynamic")
        #expect(groups.map(\.requests) == (shares ? [[0, 1, 3, 4]] : []))
    }

    @Test func sequencesOfOneOrNoTokenHaveNoScores() throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let scorer = Scorer(model, context: try ComputeContext(threadCount: 1))
        #expect(try scorer.score([.init(ids: [3]), .init(ids: [])]) == [[], []])
    }

    @Test func idsAndLengthsOutOfRangeAreRefused() throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let scorer = Scorer(model, context: try ComputeContext(threadCount: 1))
        #expect(throws: SwiftletError(.tokenOutsideVocabulary, "")) { try scorer.validate([512]) }
        #expect(throws: SwiftletError(.tokenOutsideVocabulary, "")) { try scorer.validate([-1]) }
        #expect(throws: SwiftletError(.sequenceTooLong, "")) {
            try scorer.validate(Array(repeating: 1, count: 65))
        }
        try scorer.validate(Array(repeating: 1, count: 64))
    }

    @Test func resultsDoNotDependOnThreads() throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny-bf16"))
        let request = Scorer.Request(ids: (0..<60).map { Int32($0 * 7 % 512) })
        let results = try [1, 2, 3, 5].map {
            try Scorer(model, context: try ComputeContext(threadCount: $0)).score([request])
        }
        #expect(results.allSatisfy { $0 == results[0] })
    }
}
