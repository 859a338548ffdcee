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

    @Test("ids and scores, whatever ends a sequence")
    func greedy() throws {
        let sets = Set(goldens.cases.map(\.eosTokenIds))
        #expect(sets.contains { $0.count > 1 } && sets.count >= 4)
        for ends in sets {
            // One number where there is one, a list else: the Hub has both.
            let value = ends.count == 1 ? "\(ends[0])" : "\(ends)"
            try Files.write(
                "{\"eos_token_id\": \(value)}", to: "\(model)/generation_config.json")
            try check(goldens.cases.filter { $0.eosTokenIds == ends })
        }
    }

    @Test("the EOS of config.json where generation_config.json names none")
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

    @Test("without any EOS generation runs to its limit, and score has none to close with")
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
        try Tool.run("score", model, "x", "--eos").failed(64, "", mentioning: "--eos")
    }

    private func check(_ cases: [Goldens.Case]) throws {
        for (found, golden) in zip(try generate(cases.map(\.prompt)), cases) {
            let what = "\(golden.prompt) until \(golden.eosTokenIds)"
            #expect(try found.ints("ids") == golden.newIds, "\(what)")
            #expect(found["finished"] == .bool(golden.finished), "\(what)")
            expectClose(try found.double("score"), golden.sum, what)
            let text = try Tool.run(
                "detokenize", model, "--jsonl", "--skip-special-tokens",
                input: "{\"ids\": \(golden.newIds.filter { !golden.eosTokenIds.contains($0) })}"
            ).object()
            #expect(try found.string("text") == text.string("text"), "\(what)")
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
