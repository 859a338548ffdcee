import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `finetune --task classify`, from data lines to a folder that `classify` reads.
struct FinetuneClassifyTests {
    private static let settings = [
        "--task", "classify", "--batch-size", "3", "--steps", "4", "--lr", "1e-3",
    ]
    private static let texts = [
        "Q: What turns? A: The light", "Q: Who climbs? A: The sea", "Q: Who sails? A: A sailor",
        "Q: What turns? A: The stairs", "Q: Who climbs? A: The keeper", "Q: What? A: A lamp",
    ]

    /// Lines whose class is given under a key.
    private static func lines(_ key: String, _ values: [String]) -> [String] {
        texts.enumerated().map { number, text in
            "{\"text\": \"\(text)\", \"\(key)\": \(values[number % values.count])}"
        }
    }

    private func run(_ lines: [String], _ more: String...) throws -> FinetuneRun {
        try FinetuneRun(data: lines, Self.settings + more)
    }

    private func weights(_ path: String) throws -> [UInt8] {
        try Files.read("\(path)/model.safetensors")
    }

    @Test("the result is a classifier whose labels are the names in the data")
    func names() throws {
        let run = try run(Self.lines("label", ["\"right\"", "\"wrong\""]))
        let outcome = try run.run("out").succeeded()
        #expect(outcome.errors.contains("2 classes"))
        let folder = run.output("out")
        let configuration = try JSONValue.read(path: "\(folder)/config.json")
        #expect(configuration["id2label"]?["0"] == .string("right"))
        #expect(configuration["id2label"]?["1"] == .string("wrong"))
        #expect(
            try configuration.strings("architectures") == ["GPT2ForSequenceClassification"])

        let inspection = try Tool.run("inspect", folder, "--json").object()
        for key in ["missing", "unexpected", "misshapen"] {
            #expect(inspection[key] == .array([]))
        }
        let names = try inspection.elements("tensors").map { try $0.string("name") }
        #expect(names.contains("score.weight") && !names.contains("lm_head.weight"))

        let input = Self.texts.map { "{\"text\": \"\($0)\"}\n" }.joined()
        let answers = try Tool.run("classify", folder, "--jsonl", input: input).objects()
        #expect(answers.count == Self.texts.count)
        for answer in answers {
            let probabilities = try answer.doubles("probabilities")
            #expect(probabilities.count == 2)
            // The head is no longer one of zeros.
            #expect(probabilities[0] != 0.5)
            #expect(try ["right", "wrong"].contains(answer.string("label")))
        }
    }

    @Test("a text is its ids alone, without an EOS")
    func ids() throws {
        let texts = try run(Self.lines("label", ["0", "1"]))
        try texts.run("out").succeeded()
        let lines = try Self.texts.enumerated().map { number, text in
            let ids = try Tool.run("tokenize", TestFiles.fixture("gpt2-tiny"), text, "--json")
                .object().ints("ids")
            return "{\"ids\": \(ids), \"label\": \(number % 2)}"
        }
        let ids = try run(lines)
        try ids.run("out").succeeded()
        #expect(try ids.weights("out") == texts.weights("out"))
        // A class is the distribution with all probability on it.
        let soft = try run(Self.lines("probabilities", ["[1, 0]", "[0, 1]"]))
        try soft.run("out").succeeded()
        #expect(try soft.weights("out") == texts.weights("out"))
    }

    @Test("evaluations report the loss and the accuracy")
    func evaluation() throws {
        let run = try run(Self.lines("label", ["0", "1", "2"]))
        let result = try run.run("out", "--eval-data", run.data, "--eval-every", "2").object()
        let evaluations = try run.logLines("out").filter { $0["eval_loss"] != nil }
        #expect(evaluations.map { $0["step"]?.int } == [2, 4])
        for line in evaluations {
            #expect(try line.double("eval_loss") > 0)
            let sixths = try line.double("eval_accuracy") * 6
            expectClose(sixths, sixths.rounded(), within: 1e-9)
        }
        #expect(result["eval_loss"] == evaluations.last?["eval_loss"])
        #expect(result["eval_accuracy"] == evaluations.last?["eval_accuracy"])
        // A fresh head makes every class equally probable.
        expectClose(
            try #require(run.logLines("out").first).double("loss"), 1.098_612_3, within: 1e-6)
        // It agrees with what classify answers.
        let input = Self.texts.map { "{\"text\": \"\($0)\"}\n" }.joined()
        let answers = try Tool.run("classify", run.output("out"), "--jsonl", input: input)
            .objects()
        let hits = try answers.enumerated().count { try $1.int("index") == $0 % 3 }
        expectClose(try result.double("eval_accuracy"), Double(hits) / 6, within: 1e-9)
    }

    @Test("a classifier continues with its own head and labels; --train head changes it alone")
    func head() throws {
        let model = TestFiles.fixture("decoders/llama-classes")
        let run = try run(
            (0..<6).map { "{\"ids\": [\($0 + 3), \(2 * $0 + 5)], \"label\": \"high\"}" })
        let output = run.output("out")
        func arguments(_ out: String, _ more: String...) -> [String] {
            ["finetune", model, "--data", run.data, "--out", run.output(out), "--json"]
                + run.options + more
        }
        try Tool.run(arguments("out", "--train", "head")).succeeded()
        let difference = try Tool.run("diff", model, output, "--json")
        #expect(difference.status == 1)
        let differing = try JSONValue.parse(ByteView(Array(difference.output.utf8)))
            .elements("differing").map { try $0.string("name") }
        #expect(differing == ["classifier.weight"])
        #expect(
            try JSONValue.read(path: "\(output)/config.json")["id2label"]
                == JSONValue.read(path: "\(model)/config.json")["id2label"])
        try Tool.run(arguments("all")).succeeded()
        #expect(try weights(run.output("all")) != weights(output))
    }

    @Test("another task is not continued")
    func otherTask() throws {
        let run = try run(Self.lines("label", ["0", "1"]), "--save-every", "2")
        try run.run("out").succeeded()
        try Files.remove("\(run.output("out"))/model.safetensors")
        let before = try Files.listing(run.output("out"))
        try run.run("out", "--task", "lm", "--resume")
            .failed(64, run.output("out"), mentioning: "\"")
        #expect(try Files.listing(run.output("out")) == before)
        try run.run("out", "--resume").succeeded()
    }

    @Test("what cannot be learned is refused")
    func refusals() throws {
        let qwen = TestFiles.fixture("decoders/qwen")
        let run = try run(["{\"ids\": [1], \"label\": 0}", "{\"ids\": [1], \"label\": 1}"])
        try Tool.run(
            ["finetune", qwen, "--data", run.data, "--out", run.output("out")] + run.options
        ).failed(69, qwen, mentioning: "classification head")
        #expect(!Files.exists(run.output("out")))

        let mixed = try self.run(Self.lines("label", ["0", "\"right\""]))
        try mixed.run("out").failed(65, mixed.data, mentioning: "by name and by number")
        let wrong = try self.run(Self.lines("probabilities", ["[0.5, 0.5]", "[0.5, 0.4]"]))
        try wrong.run("out").failed(65, wrong.data, mentioning: "line 2", "probabilities")
    }
}
