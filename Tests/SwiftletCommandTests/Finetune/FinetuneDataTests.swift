import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// The forms of training data, and what they come to.
struct FinetuneDataTests {
    private static let settings = [
        "--batch-size", "1", "--steps", "1", "--no-shuffle", "--lr", "1e-3",
    ]

    /// The log's first line and the weights of a run on some lines.
    private func result(_ lines: [String], _ more: [String] = []) throws -> (JSONValue, [UInt8]) {
        let run = try FinetuneRun(data: lines, Self.settings + more)
        try run.run("out").succeeded()
        return (try #require(try run.logLines("out").first), try run.weights("out"))
    }

    private func ids(_ text: String) throws -> [Int] {
        try Tool.run("tokenize", TestFiles.fixture("gpt2-tiny"), text, "--json").object()
            .ints("ids")
    }

    @Test("a text is its ids and an EOS; --no-eos leaves the EOS out")
    func text() throws {
        let ids = try ids("The light turned.")
        let line = "{\"text\": \"The light turned.\"}"
        #expect(try result([line]).1 == result(["{\"ids\": \(ids + [511])}"]).1)
        #expect(try result([line], ["--no-eos"]).1 == result(["{\"ids\": \(ids)}"]).1)
        #expect(try result([line]).1 != result([line], ["--no-eos"]).1)
    }

    @Test("a prompt counts as given, a completion and its EOS as wanted")
    func completion() throws {
        let (prompt, completion) = (try ids("The ligh"), try ids("thouse") + [511])
        let labels = prompt.map { _ in -100 } + completion
        let found = try result(["{\"prompt\": \"The ligh\", \"completion\": \"thouse\"}"])
        let same = try result(["{\"ids\": \(prompt + completion), \"labels\": \(labels)}"])
        #expect(found.1 == same.1)
        // The first loss is what score says.
        let score = try Tool.run(
            "score", TestFiles.fixture("gpt2-tiny"), "--jsonl", "--eos",
            input: "{\"prompt\": \"The ligh\", \"completion\": \"thouse\"}"
        ).object()
        expectClose(
            try found.0.double("loss"), -(try score.double("sum")) / Double(completion.count),
            "the loss of the completion")
    }

    @Test("lines are cut at --max-length, and counted")
    func cut() throws {
        let (long, short) = ("{\"ids\": [5, 6, 7, 8, 9]}", "{\"ids\": [5, 6, 7]}")
        #expect(try result([long], ["--max-length", "3"]).1 == result([short]).1)
        let run = try FinetuneRun(
            data: [long, short, long], Self.settings + ["--max-length", "3"])
        #expect(try run.run("out").succeeded().errors.contains("2 lines cut to 3 tokens"))
    }

    @Test("batch k is the next lines, the last one short; an epoch is all of them")
    func batches() throws {
        let lines = (0..<5).map { "{\"ids\": [\($0), \($0 + 1), \($0 + 2)]}" }
        let run = try FinetuneRun(
            data: lines, ["--batch-size", "2", "--epochs", "2", "--no-shuffle", "--lr", "1e-9"])
        try run.run("out").succeeded()
        let losses = try run.logLines("out").map { try $0.double("loss") }
        #expect(losses.count == 6)
        let scores = try Tool.run(
            "score", TestFiles.fixture("gpt2-tiny"), "--jsonl",
            input: lines.joined(separator: "\n")
        ).objects().map { -(try $0.double("sum")) / 2 }
        let expected = [
            (scores[0] + scores[1]) / 2, (scores[2] + scores[3]) / 2, scores[4],
        ]
        expectClose(losses, expected + expected, "losses")
    }

    @Test("lines without a target cost nothing", arguments: ["tokens", "sequences"])
    func nothingToLearn(_ mean: String) throws {
        let empty = [
            "{\"ids\": []}", "{\"ids\": [4]}", "{\"text\": \"\"}",
            "{\"ids\": [4, 5], \"labels\": [4, -100]}", "{\"prompt\": \"a\", \"completion\": \"\"}",
        ]
        let line = "{\"ids\": [5, 6, 7]}"
        let run = try FinetuneRun(
            data: empty + [line],
            [
                "--batch-size", "6", "--epochs", "1", "--no-eos", "--no-shuffle", "--lr", "1e-3",
                "--loss-mean", mean,
            ])
        try run.run("out").succeeded()
        // Not the bits: some processors multiply few rows by other kernels than many.
        let (found, expected) = (
            try #require(run.logLines("out").first), try result([line], ["--loss-mean", mean]).0
        )
        expectClose(try found.double("loss"), try expected.double("loss"), "the loss")
        expectClose(try found.double("grad_norm"), try expected.double("grad_norm"), "the norm")
        // Whole batches of them, too.
        for (number, line) in empty.enumerated() {
            let outcome = try run.run("alone\(number)", "--batch-size", "1", "--epochs", "2")
            outcome.succeeded()
            #expect(try run.logLines("alone\(number)").count == 12, "\(line)")
        }
    }

    @Test("a batch without a target takes no step, and its loss is null")
    func maskedBatch() throws {
        let masked = "{\"ids\": [4, 5], \"labels\": [-100, -100]}"
        let line = "{\"ids\": [5, 6, 7]}"
        let options = Self.settings + ["--weight-decay", "0.5", "--schedule", "constant"]
        let run = try FinetuneRun(data: [line, masked, masked], options + ["--steps", "3"])
        let outcome = try run.run("out").succeeded()
        #expect(outcome.errors.contains("2 lines have no token to learn"))
        let losses = try run.logLines("out").map { $0["loss"] }
        #expect(losses[1...] == [.null, .null] && losses[0]?.double != nil)
        // Neither the moments nor the decay have moved the weights since the first step.
        let one = try FinetuneRun(data: [line, masked, masked], options)
        try one.run("out").succeeded()
        #expect(try run.weights("out") == one.weights("out"))
    }
}
