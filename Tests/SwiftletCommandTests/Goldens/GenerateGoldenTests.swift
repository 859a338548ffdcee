import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `generate --jsonl` against transformers' greedy search.
struct GenerateGoldenTests {
    private struct Goldens: Decodable {
        struct Case: Decodable {
            let prompt: [Int]
            let eosTokenIds: [Int]
            let newIds: [Int]
            let sum: Double
            let finished: Bool
        }
        let maxNewTokens: Int
        let cases: [Case]
    }

    private let goldens: Goldens
    private let folder: TemporaryFolder
    private let model: String

    init() throws {
        goldens = try GoldenFile.read(Goldens.self, "gpt2-tiny/golden/greedy.json")
        folder = try TestFiles.temporaryFolder()
        model = try Files.copy("gpt2-tiny", to: folder.file("model"))
    }

    @Test("ids and scores, for various stop tokens")
    func greedy() throws {
        let sets = Set(goldens.cases.map(\.eosTokenIds))
        #expect(sets.contains { $0.count > 1 } && sets.count >= 4)
        for stopTokens in sets {
            // A number or a list: both forms are found on the Hub.
            let value = stopTokens.count == 1 ? "\(stopTokens[0])" : "\(stopTokens)"
            try Files.write(
                "{\"eos_token_id\": \(value)}", to: "\(model)/generation_config.json")
            try check(goldens.cases.filter { $0.eosTokenIds == stopTokens })
        }
    }

    @Test("the EOS of config.json if generation_config.json has none")
    func configuration() throws {
        let golden = try #require(goldens.cases.first { $0.finished && $0.eosTokenIds != [511] })
        let text = try Files.text("\(model)/config.json")
        #expect(text.contains("\"eos_token_id\": 511"))
        try Files.write(
            text.replacing(
                "\"eos_token_id\": 511", with: "\"eos_token_id\": \(golden.eosTokenIds)"),
            to: "\(model)/config.json")
        try Files.write("{}", to: "\(model)/generation_config.json")
        try check([golden])
        try Files.remove("\(model)/generation_config.json")
        try check([golden])
    }

    @Test("without an EOS, generation runs to its limit")
    func noEnd() throws {
        let golden = try #require(goldens.cases.first { $0.finished && $0.prompt.count < 20 })
        try Files.write(
            try Files.text("\(model)/config.json")
                .replacing("\"eos_token_id\": 511", with: "\"eos_token_id\": null"),
            to: "\(model)/config.json")
        try Files.write("{\"eos_token_id\": null}", to: "\(model)/generation_config.json")
        let sequence = try generate([golden.prompt])[0]
        let ids = try sequence.ints("ids")
        #expect(ids.count == goldens.maxNewTokens)
        #expect(ids.starts(with: golden.newIds))
        #expect(sequence["finished"] == .bool(false))
    }

    private func check(_ cases: [Goldens.Case]) throws {
        for (found, golden) in zip(try generate(cases.map(\.prompt)), cases) {
            let what = "\(golden.prompt) until \(golden.eosTokenIds)"
            #expect(try found.ints("ids") == golden.newIds, "\(what)")
            #expect(found["finished"] == .bool(golden.finished), "\(what)")
            expectClose(try found.double("score"), golden.sum, what)
            #expect(found["text"] == .null, "\(what)")
        }
    }

    private func generate(_ prompts: [[Int]]) throws -> [JSONValue] {
        let answers = try Tool.run(
            "generate", model, "--jsonl", "--max-new-tokens", "\(goldens.maxNewTokens)",
            input: prompts.enumerated().map { "{\"id\": \($0), \"ids\": \($1)}\n" }.joined()
        ).objects()
        #expect(answers.map { $0["id"]?.int } == Array(prompts.indices))
        return try answers.map { answer in
            let sequences = try #require(answer["sequences"]?.array)
            #expect(sequences.count == 1)
            return try #require(sequences.first)
        }
    }
}
