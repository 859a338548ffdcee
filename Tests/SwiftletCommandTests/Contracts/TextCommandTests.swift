import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// The JSON keys of the commands that work on text.
struct TextCommandTests {
    private let model = TestFiles.fixture("gpt2-tiny")
    private let folder: TemporaryFolder

    init() throws { folder = try TestFiles.temporaryFolder() }

    @Test("tokenize and detokenize")
    func tokenize() throws {
        let tokens = try Tool.run("tokenize", model, "The light", "--json").object()
        tokens.has("ids", "tokens", "offsets")
        #expect(try tokens.strings("tokens").joined() == "TheĠlight")
        let ids = try tokens.ints("ids")
        let text = try Tool.run(
            "detokenize", model, "--jsonl", input: "{\"ids\": \(ids + [511]), \"id\": \"x\"}"
        ).object()
        #expect(text == .object(["id": .string("x"), "text": .string("The light<|endoftext|>")]))
        let skipped = try Tool.run(
            ["detokenize", model, "--json", "--skip-special-tokens"] + (ids + [511]).map { "\($0)" }
        ).object()
        #expect(skipped == .object(["text": .string("The light")]))
    }

    @Test("the answer for a line of two million bytes is complete")
    func longLine() throws {
        let count = 2_000_000
        let text = String(repeating: "a", count: count - 2) + "\"\n"
        let line = JSONValue.object(["text": .string(text), "id": .object(["x": .null])]).text()
        let run = try Tool.run("tokenize", model, "--jsonl", input: line + "\n").succeeded()
        #expect(run.output.hasPrefix(#"{"id":{"x":null},"ids":["#))
        let answer = try run.object()
        let ids = try answer.ints("ids")
        let tokens = try answer.strings("tokens")
        #expect(tokens.count == ids.count)
        #expect(tokens.joined() == text.replacing("\n", with: "Ċ"))
        var end = 0
        for range in try #require(answer["offsets"]?.array) {
            guard let pair = range.array, pair.count == 2, pair[0].int == end,
                let next = pair[1].int
            else { break }
            end = next
        }
        #expect(end == count)
        let same = try Tool.run(
            "align", model, model, "--jsonl", input: "{\"text\": \"It is.\", \"id\": 4}\n"
        ).succeeded()
        #expect(same.output.hasPrefix(#"{"id":4,"groups":[{"bytes":[0,"#))
        #expect(same.output.contains("]}]}\n"))
    }

    @Test("special tokens in a text, parsed as in the family and as plain text")
    func specialTokens() throws {
        let text = "a<|endoftext|>"
        for special in [[], ["--special", "parse"]] {
            let ids = try Tool.run(["tokenize", model, text, "--json"] + special).object()
                .ints("ids")
            #expect(ids.last == 511)
        }
        let plain = try Tool.run("tokenize", model, text, "--json", "--special", "text").object()
        #expect(try !plain.ints("ids").contains(511))
        #expect(try plain.strings("tokens").joined() == text)
        #expect(try Tool.run("tokenize", model, text, "--special", "no").status == 64)
    }

    @Test("score")
    func score() throws {
        let answer = try Tool.run("score", model, "The light", "--json").object()
        answer.has("logprobs", "sum", "tokens")
        #expect(try answer.int("tokens") == answer.doubles("logprobs").count)
        let none = try Tool.run("score", model, "--jsonl", input: "{\"ids\": [3]}").object()
        #expect(none["logprobs"] == .array([]))
        #expect(try none.double("sum") == 0)
    }

    @Test("generate: keys, the plain text, and a stop text")
    func generate() throws {
        let command = ["generate", model, "--prompt", "The light", "--max-new-tokens", "24"]
        let sequence = try #require(
            try Tool.run(command + ["--json"]).object()["sequences"]?.array?.first)
        #expect(sequence.keys.starts(with: ["ids", "text", "score", "finished"]))
        let text = try sequence.string("text")
        #expect(try Tool.run(command).succeeded().output == text + "\n")
        let decoded = try Tool.run(
            "detokenize", model, "--jsonl", "--skip-special-tokens",
            input: "{\"ids\": \(try sequence.ints("ids"))}"
        ).object()
        #expect(try decoded.string("text") == text)
        let line = try Tool.run(
            "generate", model, "--jsonl", "--max-new-tokens", "24",
            input: "{\"prompt\": \"The light\", \"id\": 5}"
        ).object()
        #expect(line["sequences"]?.array == [sequence])
        #expect(line["id"]?.int == 5)

        // The text ends before a stop text, even inside a token.
        let start = try #require(text.dropFirst(3).first { $0.isASCII && $0.isLetter })
        let place = try #require(text.firstIndex(of: start))
        let stopped = try #require(
            try Tool.run(command + ["--json", "--stop", "\(start)"]).object()["sequences"]?.array?
                .first)
        #expect(try stopped.string("text") == String(text[..<place]))
        #expect(stopped["finished"] == .bool(true))
        #expect(try stopped.ints("ids").count < sequence.ints("ids").count)
    }

    @Test("generate: after ids text is null; zero new tokens")
    func bareGeneration() throws {
        let answer = try Tool.run(
            "generate", TestFiles.fixture("gpt2-variant"), "--jsonl", "--max-new-tokens", "3",
            input: "{\"ids\": [1]}"
        ).object()
        let sequence = try #require(answer["sequences"]?.array?.first)
        #expect(sequence["text"] == .null)
        #expect(try sequence.ints("ids").count == 3)
        let none = try Tool.run(
            "generate", model, "--prompt", "a", "--json", "--max-new-tokens", "0"
        ).object()
        #expect(
            none["sequences"]?.array?.first
                == .object([
                    "ids": .array([]), "text": .string(""), "score": JSONValue(finite: 0.0),
                    "finished": .bool(false),
                ]))
    }

    @Test("generate: the seed determines sampling")
    func sampling() throws {
        func ids(_ more: String...) throws -> [Int] {
            let answer = try Tool.run(
                ["generate", model, "--prompt", "The", "--json", "--max-new-tokens", "20"] + more
            ).object()
            return try #require(answer["sequences"]?.array?.first).ints("ids")
        }
        let drawn = try ids("--temperature", "1.5", "--seed", "3")
        #expect(try ids("--temperature", "1.5", "--seed", "3", "--threads", "1") == drawn)
        #expect(try ids("--temperature", "1.5", "--seed", "4") != drawn)
        let greedy = try ids()
        #expect(try ids("--top-k", "1", "--seed", "9") == greedy)
        #expect(try ids("--top-p", "0.000001") == greedy)
        #expect(try ids("--temperature", "0") == greedy)
    }

    @Test("finetune: keys of the log and the result")
    func finetune() throws {
        let run = try FinetuneRun("--batch-size", "8", "--epochs", "2")
        let result = try run.run("out", "--eval-data", run.data).object()
        result.has("steps", "loss", "eval_loss")
        #expect(try result.int("steps") == 6)
        let log = try run.logLines("out")
        #expect(log.map { $0["step"]?.int } == [1, 2, 3, 3, 4, 5, 6, 6])
        for line in log {
            if line["eval_loss"] == nil {
                line.has("step", "loss", "lr", "grad_norm", "tokens_per_second")
            } else {
                #expect(line["loss"] == nil)
            }
        }
        #expect(try result.double("eval_loss") == log[7].double("eval_loss"))
        #expect(try log[7].double("eval_loss") < log[3].double("eval_loss"))
        // The result is a model of the same dtype, with its tokenizer.
        try Tool.run("score", run.output("out"), "The light").succeeded()
        #expect(try run.weights("out").count == 454_000)
    }

    @Test("finetune: the result has the model's dtype or the requested one")
    func dtypes() throws {
        let run = try FinetuneRun("--steps", "1")
        let model = TestFiles.fixture("gpt2-tiny-bf16")
        for (name, more, expected) in [("a", [], "BF16"), ("b", ["--dtype", "f16"], "F16")] {
            try Tool.run(
                ["finetune", model, "--data", run.data, "--out", run.output(name), "--steps", "1"]
                    + more
            ).succeeded()
            let facts = try Tool.run("inspect", run.output(name), "--json").object()
            let dtypes = Set(try #require(facts["tensors"]?.array).map { $0["dtype"]?.string })
            #expect(dtypes == [expected])
        }
    }

    @Test("--quiet leaves stderr empty")
    func quiet() throws {
        let run = try FinetuneRun("--steps", "2", "--max-length", "5", "--quiet")
        #expect(try run.run("out", "--eval-data", run.data).succeeded().errors == "")
    }
}
