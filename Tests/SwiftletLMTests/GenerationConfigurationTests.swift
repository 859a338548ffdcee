import SwiftletBytes
import SwiftletCompute
import Testing
import _SwiftletTestSupport

@testable import SwiftletLM

/// The keys of generation_config.json, against transformers' `generate`
/// (`fixtures/generation-config`).
@Suite struct GenerationConfigurationTests {
    private static let base = "decoders/llama"
    private let folder: TemporaryFolder

    init() throws {
        folder = try TestFiles.temporaryFolder()
        for name in ["config.json", "model.safetensors"] {
            try AtomicFile.write(
                try TestFiles.bytes(TestFiles.fixture("\(Self.base)/\(name)")),
                to: folder.file(name))
        }
    }

    /// The model with a generation_config.json.
    private func model(_ settings: String) throws -> LanguageModel {
        try AtomicFile.write(Array(settings.utf8), to: folder.file("generation_config.json"))
        return try LanguageModel(path: folder.path)
    }

    private func model(_ golden: JSONValue, newTokens: Int) throws -> LanguageModel {
        var settings = try #require(golden["settings"]?.object)
        if settings["max_length"] == nil { settings["max_new_tokens"] = JSONValue(newTokens) }
        return try model(JSONValue.object(settings).text())
    }

    @Test func continuationsAreTransformers() throws {
        let file = try GoldenFile.json("generation-config/golden.json")
        let cases = try file.elements("cases")
        #expect(cases.count > 35)
        for golden in cases {
            let model = try model(golden, newTokens: try file.int("max_new_tokens"))
            let session = GenerationSession(model, context: try ComputeContext(threadCount: 1))
            let request = GenerationRequest()
            let options = try request.options(model.generationConfiguration)
            let found = try session.generate([try golden.tokens("prompt")], options)[0]
            #expect(
                try found.map(\.ids) == golden.elements("ids").map { try $0.tokens() }, "\(golden)")
            if golden["scores"] != nil {
                expectClose(found.map(\.score), try golden.doubles("scores"), within: 1e-4)
            }
            // What is followed is also what is named where it is not.
            let keys = try #require(golden["settings"]?.object).pairs.map(\.key)
                .filter { $0 != "eos_token_id" }
            let named = request.unapplied(model.generationConfiguration).map {
                String($0.prefix { $0 != " " })
            }
            #expect(
                Set(named) == Set(keys + (keys.contains("max_length") ? [] : ["max_new_tokens"])))
        }
    }

    @Test func aRequestComesFirst() throws {
        let model = try model(
            """
            {"repetition_penalty": 1.3, "num_beams": 4, "length_penalty": 2.0, "max_length": 9,
             "early_stopping": true, "num_return_sequences": 2}
            """)
        var request = GenerationRequest()
        var options = try request.options(model.generationConfiguration)
        #expect(
            options.strategy
                == .beams(
                    BeamOptions(
                        beamCount: 4, returnCount: 2, lengthPenalty: 2, earlyStopping: .whenFull)))
        #expect(options.repetitionPenalty == 1.3 && options.maxLength == 9)
        request.repetitionPenalty = 1.1
        request.maxNewTokens = 3
        (request.beams, request.returnCount) = (2, 1)
        (request.lengthPenalty, request.earlyStopping) = (0.5, .never)
        options = try request.options(model.generationConfiguration)
        #expect(
            options.strategy
                == .beams(BeamOptions(beamCount: 2, lengthPenalty: 0.5, earlyStopping: .never)))
        #expect(options.repetitionPenalty == 1.1)
        #expect(options.maxNewTokens == 3 && options.maxLength == nil)
        #expect(request.unapplied(model.generationConfiguration) == [])
        // A temperature asks for one sampled sequence.
        var sampling = GenerationRequest()
        sampling.temperature = 0.5
        sampling.returnCount = 1
        options = try sampling.options(model.generationConfiguration)
        #expect(options.strategy == .sampling(SamplingOptions(temperature: 0.5, topK: 50)))
    }

    @Test func samplingIsFollowedAndNamed() throws {
        let model = try model(
            """
            {"do_sample": true, "temperature": 0.7, "top_k": 20, "top_p": 0.8, "min_p": 0.1,
             "typical_p": 0.9, "epsilon_cutoff": 0.01, "eta_cutoff": 0.0, "max_time": null}
            """)
        let configuration = model.generationConfiguration
        var expected = SamplingOptions(temperature: 0.7, topK: 20, topP: 0.8)
        (expected.minP, expected.typicalP, expected.epsilonCutoff) = (0.1, 0.9, 0.01)
        #expect(
            try GenerationRequest().options(configuration).strategy == .sampling(expected, count: 1)
        )
        #expect(
            GenerationRequest().unapplied(configuration) == [
                "do_sample true", "temperature 0.7", "top_k 20", "top_p 0.8", "min_p 0.1",
                "typical_p 0.9", "epsilon_cutoff 0.01",
            ])
        var greedy = GenerationRequest()
        greedy.temperature = 0
        #expect(try greedy.options(configuration).strategy == .greedy)
        #expect(greedy.unapplied(configuration) == [])
        // Without do_sample, transformers' greedy search ignores them.
        let other = try self.model("{\"temperature\": 0.7, \"top_k\": 20}")
        #expect(GenerationRequest().unapplied(other.generationConfiguration) == [])
    }

    @Test(arguments: [
        ("{\"guidance_scale\": 1.5}", "guidance_scale"),
        ("{\"stop_strings\": [\"x\"]}", "stop_strings"),
        ("{\"encoder_repetition_penalty\": 1.2}", "encoder_repetition_penalty"),
        ("{\"do_sample\": true, \"num_beams\": 2}", "num_beams"),
        ("{\"force_words_ids\": [[1]]}", "force_words_ids"),
    ])
    func whatIsNotSupportedIsRefusedByName(_ settings: String, _ key: String) throws {
        let model = try model(settings)
        let error = #expect(throws: SwiftletError.self) {
            try GenerationRequest().options(model.generationConfiguration)
        }
        #expect(error?.code.kind == .unsupported)
        #expect(error?.place?.contains(key) == true)
        let named = GenerationRequest().unapplied(model.generationConfiguration)
        #expect(named.contains { $0.hasPrefix("\(key) ") })
    }

    @Test(arguments: [
        "{\"repetition_penalty\": \"high\"}", "{\"repetition_penalty\": NaN}",
        "{\"bad_words_ids\": [7]}", "{\"bad_words_ids\": [[]]}", "{\"num_beams\": 0}",
        "{\"suppress_tokens\": [1.5]}", "{\"early_stopping\": 1}", "{\"sequence_bias\": [[[1]]]}",
    ])
    func unusableValuesAreRefusedWhereTheyAreUsed(_ settings: String) throws {
        let model = try model(settings)
        #expect(throws: SwiftletError(.configurationValue, "")) {
            try GenerationRequest().options(model.generationConfiguration)
        }
        #expect(GenerationRequest().unapplied(model.generationConfiguration) == [])
    }

    /// As in transformers, whose generation falls back to config.json.
    @Test func anUnreadableFileCountsAsAbsent() throws {
        for text in ["", "{", "[1]", "version https://git-lfs.github.com/spec/v1\n"] {
            let model = try model(text)
            #expect(model.stopTokens == [2])
            #expect(model.notes.count == 1 && model.notes[0].contains("generation_config.json"))
            #expect(
                try GenerationRequest().options(model.generationConfiguration).strategy == .greedy)
        }
    }

    @Test func stopTokensThatAreNoneStopNothing() throws {
        var model = try model("{\"eos_token_id\": -1}")
        #expect(model.stopTokens == [] && model.notes.count == 1)
        model = try self.model("{\"eos_token_id\": [5, -1]}")
        #expect(model.stopTokens == [5])
        // An empty list says no more than a missing key.
        model = try self.model("{\"eos_token_id\": []}")
        #expect(model.stopTokens == [2] && model.notes == [])
    }

    @Test func unusableStopTokensConcernOnlyWhatNeedsThem() throws {
        let model = try model("{\"eos_token_id\": \"</s>\"}")
        let context = try ComputeContext(threadCount: 1)
        let scores = try Scorer(model, context: context).score([Scorer.Request(ids: [3, 4, 5])])
        #expect(scores[0].count == 2)
        let session = GenerationSession(model, context: context)
        #expect(throws: SwiftletError(.configurationValue, "")) {
            try session.generate([3, 4], GenerationOptions(maxNewTokens: 2))
        }
        let given = try session.generate(
            [3, 4], GenerationOptions(maxNewTokens: 2, stopTokens: []))
        #expect(given.ids.count == 2)
        #expect(throws: SwiftletError(.configurationValue, "")) {
            try PromptEncoder(model).closing([3, 4])
        }
    }

    @Test func aModelOfEveryDTypeScoresAsTheReference() throws {
        let model = try LanguageModel(path: TestFiles.fixture("cast-dtypes"))
        #expect(model.notes.contains { $0.contains("used as F32") })
        let golden = try GoldenFile.json("cast-dtypes/golden.json")
        let scores = try Scorer(model, context: try ComputeContext(threadCount: 1))
            .score([Scorer.Request(ids: try golden.tokens("ids"))])
        expectClose(scores[0], try golden.doubles("logprobs"), within: 1e-4)
    }
}
