import Foundation
import SwiftletBytes
import SwiftletCompute
import SwiftletText
import Testing
import _SwiftletTestSupport

@testable import SwiftletLM

@Suite struct GenerationTests {
    @Test func greedyMatchesTransformers() throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let session = GenerationSession(
            model, context: try ComputeContext(threadCount: 2))
        let file = try GoldenFile.json("gpt2-tiny/golden/greedy.json")
        let limit = Int(try file.double("max_new_tokens"))
        for golden in try file.elements("cases") {
            var scores: [Double] = []
            let sequence = try session.generate(
                try golden.tokens("prompt"),
                GenerationOptions(
                    maxNewTokens: limit, stopTokens: try golden.tokens("eos_token_ids"))
            ) { piece throws(SwiftletError) in
                scores.append(piece.logProbability)
                return true
            }
            #expect(try sequence.ids == golden.tokens("new_ids"))
            #expect(sequence.finished == golden["finished"]?.bool)
            #expect(sequence.text == nil)
            expectClose(scores, try golden.doubles("logprobs"), within: 1e-4)
            #expect(abs(sequence.score - (try golden.double("sum"))) < 1e-4)
        }
    }

    @Test func stopTokensAreReadFromTheConfigurations() throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        #expect(model.stopTokens == [511])
    }

    @Test func samplingIsReproducibleAndChoosesOnlyKeptTokens() throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let session = GenerationSession(
            model, context: try ComputeContext(threadCount: 1))
        func sample(_ sampling: SamplingOptions) throws -> [Int32] {
            try session.generate(
                [5, 6],
                GenerationOptions(
                    maxNewTokens: 20, strategy: .sampling(sampling), stopTokens: [])
            ).ids
        }
        let once = try sample(SamplingOptions(seed: 1))
        #expect(try sample(SamplingOptions(seed: 1)) == once)
        #expect(try sample(SamplingOptions(seed: 2)) != once)
        let greedy = try session.generate(
            [5, 6], GenerationOptions(maxNewTokens: 20, stopTokens: [])
        ).ids
        #expect(try sample(SamplingOptions(topK: 1, seed: 3)) == greedy)
        #expect(try sample(SamplingOptions(topP: 1e-6, seed: 4)) == greedy)
        #expect(try sample(SamplingOptions(temperature: 1e-4, seed: 5)) == greedy)
    }

    @Test func sampledFrequenciesFollowTheProbabilities() {
        let logits: [Float] = [1, 3, 2, -1, 0]
        func frequencies(_ options: SamplingOptions) -> [Double] {
            var sampler = Sampler(options)
            var counts = [Double](repeating: 0, count: 5)
            for _ in 0..<40_000 { counts[Int(sampler.draw(logits))] += 1 }
            return counts.map { $0 / 40_000 }
        }
        func softmax(_ kept: [Int], temperature: Double = 1) -> [Double] {
            let masses = (0..<5).map {
                kept.contains($0) ? exp(Double(logits[$0]) / temperature) : 0
            }
            return masses.map { $0 / masses.reduce(0, +) }
        }
        let all = [0, 1, 2, 3, 4]
        let cases: [(SamplingOptions, [Double])] = [
            (.init(seed: 1), softmax(all)),
            (.init(temperature: 2, seed: 2), softmax(all, temperature: 2)),
            (.init(topK: 2, seed: 3), softmax([1, 2])),
            // 0.64 and 0.24: the second is needed to reach 0.7, the third is not.
            (.init(topP: 0.7, seed: 4), softmax([1, 2])),
            (.init(topP: 0.6, seed: 5), softmax([1])),
            (.init(topK: 3, topP: 0.95, seed: 6), softmax([0, 1, 2])),
        ]
        for (options, expected) in cases {
            expectClose(frequencies(options), expected, within: 0.015)
        }
    }

    /// Penalty, temperature, top-k, top-p and the other cutoffs in transformers' order, on given rows.
    @Test func keptProbabilitiesMatchTransformers() throws {
        let file = try GoldenFile.json("sampling/golden.json")
        let rows = try file.elements("rows").map { try $0.doubles().map { Float($0) } }
        let cases = try file.elements("cases")
        #expect(cases.count > 50)
        for golden in cases {
            let logits = rows[Int(try golden.double("row"))]
            let row = Matrix(rows: 1, columns: logits.count, logits)
            RepetitionPenalty(
                try golden.double("repetition_penalty"), prompt: try golden.tokens("previous"))?
                .apply(to: row)
            let (topK, topP) = (Int(try golden.double("top_k")), try golden.double("top_p"))
            var options = SamplingOptions(
                temperature: try golden.double("temperature"), topK: topK == 0 ? nil : topK,
                topP: topP == 1 ? nil : topP)
            options.minP = golden["min_p"]?.double
            options.typicalP = golden["typical_p"]?.double
            options.epsilonCutoff = golden["epsilon_cutoff"]?.double
            options.etaCutoff = golden["eta_cutoff"]?.double
            let sampler = Sampler(options)
            let (candidates, masses) = sampler.kept(row.values)
            let total = masses.reduce(0, +)
            var found = [Double](repeating: 0, count: logits.count)
            for (index, mass) in zip(candidates, masses) { found[index] = mass / total }
            let expected = try golden.doubles("probabilities")
            expectClose(found, expected, within: 1e-6)
            #expect(
                found.indices.filter { found[$0] > 0 && expected[$0] == 0 }.isEmpty, "\(golden)")
        }
    }

    @Test func topKKeepsTies() {
        var sampler = Sampler(SamplingOptions(topK: 2, seed: 1))
        let drawn = Set((0..<500).map { _ in sampler.draw([1, 0, 1, 1]) })
        #expect(drawn == [0, 2, 3])
    }

    @Test func generationEndsWithTheContext() throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let session = GenerationSession(
            model, context: try ComputeContext(threadCount: 1))
        let prompt = (0..<60).map { Int32($0) }
        let sequence = try session.generate(
            prompt, GenerationOptions(maxNewTokens: 100, stopTokens: []))
        #expect(sequence.ids.count == 5)
        #expect(!sequence.finished)
        #expect(throws: SwiftletError(.sequenceTooLong, "")) {
            try session.generate(Array(repeating: 1, count: 65), GenerationOptions())
        }
        #expect(throws: SwiftletError(.emptyPrompt, "")) {
            try session.generate([Int32](), GenerationOptions())
        }
    }

    @Test func stopTextsAreLeftOut() throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let tokenizer = try model.tokenizer()
        let session = GenerationSession(
            model, tokenizer: tokenizer, context: try ComputeContext(threadCount: 1))
        let prompt = try tokenizer.encode("The light").ids
        let free = try session.generate(
            prompt, GenerationOptions(maxNewTokens: 30, stopTokens: []))
        let text = try #require(free.text)
        let stop = String(text.dropFirst(9).prefix(3))
        var shown = ""
        let cut = try session.generate(
            prompt, GenerationOptions(maxNewTokens: 30, stop: [stop], stopTokens: [])
        ) { piece throws(SwiftletError) in
            shown += piece.text
            return true
        }
        let start = try #require(text.range(of: stop)).lowerBound
        #expect(cut.text == String(text[..<start]))
        #expect(shown == cut.text)
        #expect(cut.finished)
        #expect(free.ids.starts(with: cut.ids))
    }

    /// The pieces joined are the text, even if it ends with half a character or with the beginning of
    /// a stop text.
    @Test func piecesAddUpToTheText() throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let tokenizer = try model.tokenizer()
        let session = GenerationSession(
            model, tokenizer: tokenizer, context: try ComputeContext(threadCount: 1))
        for limit in 1...30 {
            for stop in [[], ["\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"], ["a never seen text"]] {
                for ends in [[], [Int32(481)]] {
                    var shown = ""
                    let sequence = try session.generate(
                        try tokenizer.encode("The light").ids,
                        GenerationOptions(maxNewTokens: limit, stop: stop, stopTokens: ends)
                    ) { piece throws(SwiftletError) in
                        shown += piece.text
                        return true
                    }
                    #expect(shown == sequence.text)
                }
            }
        }
    }

    @Test func streamsDeliverTheSameTokens() async throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let context = try ComputeContext(threadCount: 1)
        let tokenizer = try model.tokenizer()
        let whole = try GenerationSession(model, tokenizer: tokenizer, context: context).generate(
            try tokenizer.encode("The sea").ids, GenerationOptions(maxNewTokens: 12))
        var ids: [Int32] = []
        let session = GenerationSession(model, context: context)
        let options = GenerationOptions(maxNewTokens: 12)
        for try await piece in session.generate(prompt: "The sea", options) {
            ids.append(piece.id)
        }
        #expect(ids == whole.ids)
        let prompt = try tokenizer.encode("The sea").ids
        var text = ""
        for try await piece in session.generate(ids: prompt, options) { text += piece.text }
        #expect(text == whole.text)
    }

    @Test(arguments: CachedHeads.Storage.allCases)
    func sharedPrefixesAreCopiedOnWrite(_ storage: CachedHeads.Storage) throws {
        let description = try DecoderDescriptionSamples.small
        var first = CachedSequence(description, storage: storage)
        first.grow(by: 70)
        let many = Matrix(rows: 70, columns: description.keyValueWidth)
        let heads = { (matrix: Matrix) in
            Heads(matrix, count: description.keyValueHeadCount, size: description.headSize)
        }
        let keys = heads(many)
        many.fill(1)
        first.store(layer: 0, keys: keys, values: keys)
        var second = first
        second.grow(by: 1)
        let other = Matrix(rows: 1, columns: description.keyValueWidth)
        other.fill(2)
        second.store(layer: 0, keys: heads(other), values: heads(other))
        first.grow(by: 1)
        other.fill(3)
        first.store(layer: 0, keys: heads(other), values: heads(other))
        #expect(first.runs(layer: 0)[1].keys.values(row: 6)[0] == 3)
        #expect(second.runs(layer: 0)[1].keys.values(row: 6)[0] == 2)
        #expect(second.runs(layer: 0)[1].keys.values(row: 5)[0] == 1)
        // The first block is full and stays shared.
        #expect(
            first.runs(layer: 0)[0].keys.sharesMemory(with: second.runs(layer: 0)[0].keys))
        #expect(
            !first.runs(layer: 0)[1].keys.sharesMemory(with: second.runs(layer: 0)[1].keys))
    }
}

extension GenerationTests {
    /// Numbers out of range are refused before memory is allocated by their size.
    @Test func numbersOutOfRangeAreRefused() throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let context = try ComputeContext(threadCount: 1)
        let session = GenerationSession(model, context: context)
        for strategy: GenerationOptions.Strategy in [
            .sampling(.init(), count: 0), .sampling(.init(), count: .max),
            .beams(.init(beamCount: .max)), .beams(.init(beamCount: 2, returnCount: 3)),
            .beams(.init(beamCount: 2, returnCount: 0)), .beams(.init(beamCount: 0)),
            .sampling(.init(temperature: 0)), .sampling(.init(topP: 2)),
        ] {
            #expect(throws: SwiftletError(.usage, "")) {
                try session.generate([1], GenerationOptions(strategy: strategy))
            }
        }
        for penalty in [0, -1, 1e-300, 1e300, .nan] {
            #expect(throws: SwiftletError(.usage, "")) {
                try session.generate([1], GenerationOptions(repetitionPenalty: penalty))
            }
        }
        for change: (inout ModelBenchmark.Options) -> Void in [
            { $0.promptTokens = .max }, { $0.newTokens = .max }, { $0.batchSize = .max },
            { $0.repeats = .max }, { $0.promptTokens = 0 },
        ] {
            var options = ModelBenchmark.Options()
            change(&options)
            #expect(throws: SwiftletError(.usage, "")) {
                try ModelBenchmark(model, options, context: context)
            }
        }
    }

    /// A 16-bit cache changes log-probabilities by no more than rounding does.
    @Test(arguments: ["gpt2-tiny", "decoders/llama-2", "decoders/gpt_neox"])
    func a16BitCacheGivesNearlyTheSame(_ folder: String) throws {
        let model = try LanguageModel(path: TestFiles.fixture(folder))
        let context = try ComputeContext(threadCount: 2)
        var all: [[Double]] = []
        for storage in CachedHeads.Storage.allCases {
            let session = GenerationSession(
                model, context: context, cacheStorage: storage)
            var scores: [Double] = []
            _ = try session.generate(
                [5, 6, 7, 8], GenerationOptions(maxNewTokens: 6, stopTokens: [])
            ) { piece throws(SwiftletError) in
                scores.append(piece.logProbability)
                return true
            }
            all.append(scores)
        }
        expectClose(all[1], all[0], within: 0.1)
        #expect(all[1] != all[0])
    }
}

enum DecoderDescriptionSamples {
    static var small: DecoderDescription {
        get throws {
            try LanguageModel(path: TestFiles.fixture("gpt2-tiny")).decoder.description
        }
    }
}
