import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `score --jsonl` against transformers' log-probabilities.
struct ScoreGoldenTests {
    private struct Goldens: Decodable {
        struct Case: Decodable {
            let ids: [Int]
            let logprobs: [Double]
        }
        let cases: [Case]
    }

    @Test(
        "ids, in several batches, in order",
        arguments: [
            ("gpt2-tiny", "gpt2-tiny"), ("gpt2-tiny-f16", "gpt2-tiny-f16"),
            ("gpt2-tiny-bf16", "gpt2-tiny-bf16"), ("gpt2-tiny-legacy", "gpt2-tiny"),
            ("gpt2-variant", "gpt2-variant"),
        ])
    func ids(_ model: String, _ golden: String) throws {
        let one = try GoldenFile.read(Goldens.self, "\(golden)/golden/logprobs.json").cases
        #expect(one.count >= 5)
        let cases = Array(repeating: one, count: 30).flatMap { $0 }
        #expect(cases.reduce(0) { $0 + $1.ids.count } > 2048)
        let input = cases.enumerated().map { "{\"id\": \($0), \"ids\": \($1.ids)}\n" }.joined()
        let answers = try Tool.run("score", TestFiles.fixture(model), "--jsonl", input: input)
            .objects()
        #expect(answers.map { $0["id"]?.int } == Array(cases.indices))
        for (number, (answer, golden)) in zip(answers, cases).enumerated() {
            expectClose(try answer.doubles("logprobs"), golden.logprobs, "case \(number)")
            #expect(try answer.int("tokens") == golden.logprobs.count)
            expectClose(
                try answer.double("sum"), try answer.doubles("logprobs").reduce(0, +),
                within: 1e-9, "sum of case \(number)")
        }
    }

    @Test(
        "texts, ids, and prompts with completions, with and without a closing EOS",
        arguments: [false, true])
    func forms(_ eos: Bool) throws {
        let path = TestFiles.fixture("gpt2-tiny/golden/score.jsonl")
        let (lines, goldens) = try Self.lines(path, eos: eos)
        for form in ["text", "ids", "completion"] {
            #expect(goldens.contains { $0[form] != nil }, "no line has \(form)")
        }
        let answers = try Tool.run(
            ["score", TestFiles.fixture("gpt2-tiny"), "--jsonl"] + (eos ? ["--eos"] : []),
            input: .init(lines.joined(separator: "\n").utf8)
        ).objects()
        #expect(answers.count == goldens.count)
        for (answer, golden) in zip(answers, goldens) {
            let what = golden.text()
            expectClose(try answer.doubles("logprobs"), try golden.doubles("logprobs"), what)
            expectClose(
                try answer.double("sum"), try golden.double("sum"),
                within: 1e-4 * Double(max(try golden.doubles("logprobs").count, 1)), what)
        }
    }

    @Test("one text on the command line, as JSON and as a table")
    func argument() throws {
        let path = TestFiles.fixture("gpt2-tiny/golden/score.jsonl")
        let golden = try #require(
            try Self.lines(path, eos: true).goldens.first { $0["text"] != nil })
        let command = ["score", TestFiles.fixture("gpt2-tiny"), try golden.string("text"), "--eos"]
        let answer = try Tool.run(command + ["--json"]).object()
        expectClose(try answer.doubles("logprobs"), try golden.doubles("logprobs"), "text")
        let table = try Tool.run(command).succeeded().lines
        #expect(table.count == (try golden.doubles("logprobs").count) + 1)
        let first = try #require(table.first).split(separator: "\t")
        expectClose(
            try #require(Double(first[0])), try golden.doubles("logprobs")[0], "the table's first")
        #expect(Int(first[1]) == (try golden.ints("all_ids")[1]))
    }

    @Test("the id of a line, of any type, is returned unchanged")
    func echo() throws {
        let ids = ["\"a\\u0000\\\"é\"", "1.50", "null", "{\"b\":[1,{}]}", "[]", "true"]
        let input = ids.map { "{\"ids\": [1, 2], \"id\": \($0)}\n" }.joined() + "{\"ids\": [1]}"
        let answers = try Tool.run(
            "score", TestFiles.fixture("gpt2-variant"), "--jsonl", input: input
        ).objects()
        let expected = try ids.map { try JSONValue.parse(ByteView(Array($0.utf8))) }
        #expect(answers.map { $0["id"] } == expected + [nil])
    }

    @Test("results do not depend on the number of threads")
    func threads() throws {
        let cases = try GoldenFile.read(Goldens.self, "gpt2-tiny/golden/logprobs.json").cases
        let input = cases.map { "{\"ids\": \($0.ids)}\n" }.joined()
        let outputs = try [1, 2, 3].map { count in
            try Tool.run(
                "score", TestFiles.fixture("gpt2-tiny"), "--jsonl", "--threads", "\(count)",
                input: input
            ).succeeded().output
        }
        #expect(outputs[1] == outputs[0] && outputs[2] == outputs[0])
    }

    private static func lines(_ path: String, eos: Bool) throws
        -> (lines: [String], goldens: [JSONValue])
    {
        let goldens = try GoldenFile.objects(path)
        let chosen = goldens.indices.filter { goldens[$0]["eos"]?.bool == eos }
        #expect(chosen.count >= 4)
        let lines = try GoldenFile.lines(path)
        return (chosen.map { lines[$0] }, chosen.map { goldens[$0] })
    }
}
