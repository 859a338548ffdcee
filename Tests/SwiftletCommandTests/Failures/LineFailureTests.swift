import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// Texts and lines that a command refuses: it names the place and answers the lines before.
struct LineFailureTests {
    private let model = TestFiles.fixture("gpt2-tiny")
    private let folder: TemporaryFolder

    init() throws { folder = try TestFiles.temporaryFolder() }

    /// A text with a byte that is never valid in UTF-8, at offset 6.
    private static let notUTF8: [UInt8] = Array("Hello ".utf8) + [0xFF] + Array(" world\n".utf8)

    @Test("a text that is not UTF-8")
    func notUTF8() throws {
        let file = try Files.write(Self.notUTF8, to: folder.file("text"))
        try Tool.run(["tokenize", model], input: Data(Self.notUTF8))
            .failed(65, "stdin: ", mentioning: "UTF-8", "offset 6")
        try Tool.run("tokenize", model, "--input", file)
            .failed(65, "\(file): ", mentioning: "UTF-8", "offset 6")
        try Tool.run("tokenize", model, "--count", "--input", file)
            .failed(65, "\(file): ", mentioning: "UTF-8", "offset 6")
        let line = Array("{\"text\": \"".utf8) + [0xC3] + Array("\"}".utf8)
        try Tool.run(["score", model, "--jsonl"], input: Data(line))
            .failed(65, "stdin: ", mentioning: "UTF-8", "line 1", "offset 10")
        let data = try Files.write(line, to: folder.file("data"))
        try Tool.run("finetune", model, "--data", data, "--out", folder.file("out"))
            .failed(65, "\(data): ", mentioning: "UTF-8", "line 1", "offset 10")
        #expect(!Files.exists(folder.file("out")))
    }

    @Test(
        "a line that is not an object, after a good one",
        arguments: [
            "{\"ids\": [1}", "{\"ids\": [1, 2]} x", "[1, 2]", "7", "{\"ids\": [1],}", "nothing",
        ])
    func broken(_ line: String) throws {
        for (command, good, beginning) in [
            ("score", "{\"ids\": [1], \"id\": 7}", "{\"id\":7,\"logprobs\":[],"),
            ("detokenize", "{\"ids\": [64], \"id\": 7}", "{\"id\":7,\"text\":\"a\"}"),
            ("tokenize", "{\"text\": \"a\", \"id\": 7}", "{\"id\":7,\"ids\":[64],"),
        ] {
            // Line 2 is blank: skipped but counted.
            let outcome = try Tool.run(
                command, model, "--jsonl", input: "\(good)\n \t\n\(line)\n\(good)\n")
            #expect(outcome.output.hasPrefix(beginning), "\(outcome.output)")
            #expect(outcome.lines.count == 1)
            outcome.failed(65, "stdin: ", mentioning: "line 3", output: outcome.output)
        }
    }

    @Test("a key that is missing or has a value of the wrong type")
    func wrongKeys() throws {
        for (command, line, word) in [
            ("score", "{}", "\"ids\""), ("score", "{\"prompt\": \"a\"}", "\"completion\""),
            ("score", "{\"text\": 5}", "\"text\""), ("score", "{\"ids\": 5}", "\"ids\""),
            ("score", "{\"ids\": [1, 2.5]}", "element 1"), ("tokenize", "{}", "\"text\""),
            ("tokenize", "{\"text\": null}", "\"text\""), ("detokenize", "{}", "\"ids\""),
            ("detokenize", "{\"ids\": [1, null]}", "element 1"), ("generate", "{}", "\"prompt\""),
            ("generate", "{\"prompt\": []}", "\"prompt\""),
            ("generate", "{\"ids\": [-1]}", "element 0"),
        ] {
            try Tool.run(command, model, "--jsonl", input: line)
                .failed(65, "stdin: ", mentioning: "line 1", word)
        }
    }

    @Test("an id outside the vocabulary", arguments: [512, 2_147_483_647, 9_999_999_999])
    func unknownID(_ id: Int) throws {
        for command in ["score", "generate", "detokenize"] {
            let outcome = try Tool.run(
                command, model, "--jsonl", input: "{\"ids\": [1]}\n{\"ids\": [1, \(id)]}")
            #expect(outcome.lines.count == 1)
            outcome.failed(
                65, "stdin: ", mentioning: "line 2", "\(id)", output: outcome.output)
        }
        let data = try Files.write(
            "{\"ids\": [1, 2]}\n{\"ids\": [1, \(id)]}", to: folder.file("data"))
        try Tool.run("finetune", model, "--data", data, "--out", folder.file("out"))
            .failed(65, "\(data): ", mentioning: "line 2", "\(id)")
        #expect(!Files.exists(folder.file("out")))
    }

    @Test("a sequence beyond the context of 64")
    func tooLong() throws {
        let (fits, long) = (Array(repeating: 5, count: 64), Array(repeating: 5, count: 65))
        for command in ["score", "generate"] {
            let outcome = try Tool.run(
                command, model, "--jsonl", input: "{\"ids\": \(fits)}\n{\"ids\": \(long)}")
            #expect(outcome.lines.count == 1)
            outcome.failed(65, "stdin: ", mentioning: "line 2", "64", output: outcome.output)
        }
        try Tool.run("score", model, "--jsonl", "--eos", input: "{\"ids\": \(fits)}")
            .failed(65, "stdin: ", mentioning: "line 1", "64")
        let text = String(repeating: "x", count: 65)
        try Tool.run("score", model, text).failed(65, "", mentioning: "64")
        try Tool.run("generate", model, "--prompt", text).failed(65, "", mentioning: "64")
    }

    @Test("a prompt without tokens")
    func emptyPrompt() throws {
        try Tool.run("generate", model, "--prompt", "").failed(65, "", mentioning: "prompt")
        for line in ["{\"ids\": []}", "{\"prompt\": \"\"}"] {
            try Tool.run("generate", model, "--jsonl", input: line)
                .failed(65, "stdin: ", mentioning: "line 1", "prompt")
        }
        try Tool.run(
            "score", model, "--jsonl", input: "{\"prompt\": \"\", \"completion\": \"x\"}"
        ).failed(65, "stdin: ", mentioning: "line 1", "prompt")
    }

    @Test(
        "training lines of an unknown form",
        arguments: [
            ("{}", "\"text\""), ("{\"text\": 1}", "\"text\""),
            ("{\"prompt\": \"a\"}", "\"completion\""),
            ("{\"ids\": [1, 2], \"labels\": [1]}", "labels"),
            ("{\"ids\": [1, 2], \"labels\": [1, -7]}", "element 1"), ("[]", "object"),
            ("{\"text\"", "offset"),
        ])
    func trainingLines(_ line: String, _ word: String) throws {
        let data = try Files.write("\n{\"ids\": [1, 2]}\n\(line)\n", to: folder.file("data"))
        try Tool.run("finetune", model, "--data", data, "--out", folder.file("out"))
            .failed(65, "\(data): ", mentioning: "line 3", word)
        #expect(!Files.exists(folder.file("out")))
    }

    @Test("data without targets", arguments: ["", "\n \n", "{\"ids\": [1]}\n"])
    func noTargets(_ text: String) throws {
        let data = try Files.write(text, to: folder.file("data"))
        try Tool.run("finetune", model, "--data", data, "--out", folder.file("out"))
            .failed(65, "\(data): ")
        #expect(!Files.exists(folder.file("out")))
    }
}
