import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `evaluate`: metrics of predictions files.
struct EvaluateTests {
    private let folder: TemporaryFolder
    private static let gold = TestFiles.fixture("tasks/gold.jsonl")
    private static let metrics = [
        "slu_f1", "word_f1", "char_f1", "entity_f1", "precision", "recall",
    ]

    init() throws { folder = try TestFiles.temporaryFolder() }

    private func file(_ name: String, _ lines: String...) throws -> String {
        try Files.write(lines.joined(separator: "\n") + "\n", to: folder.file(name))
    }

    @Test(
        "slots of a file score as the reference scores them",
        arguments: [
            ("predictions", "empty", "predictions_empty"),
            ("predictions", "skip", "predictions_skip"),
            ("recordings", "empty", "recordings_empty"), ("recordings", "skip", "recordings_skip"),
        ])
    func slots(name: String, missing: String, key: String) throws {
        let golden = try #require(GoldenFile.json("tasks/slots.json")[key])
        let result = try Tool.run(
            "evaluate", "--predictions", TestFiles.fixture("tasks/\(name).jsonl"), "--gold",
            Self.gold, "--missing", missing, "--json"
        ).object()
        for metric in Self.metrics {
            #expect(abs(try result.double(metric) - golden.double(metric)) < 1e-13, "\(metric)")
        }
        result.has("examples", "missing", "ignored", "counts")
    }

    @Test("missing predictions count as empty unless told otherwise")
    func missingDefault() throws {
        let golden = try #require(GoldenFile.json("tasks/slots.json")["predictions_empty"])
        let outcome = try Tool.run(
            "evaluate", "--predictions", TestFiles.fixture("tasks/predictions.jsonl"), "--gold",
            Self.gold)
        outcome.succeeded()
        let first = try #require(outcome.lines.first).split(separator: "\t")
        #expect(first.first == "slu_f1")
        let value = try #require(first.last.flatMap { Double($0) })
        #expect(abs(value - (try golden.double("slu_f1"))) < 1e-13)
        #expect(outcome.errors.contains("note: 1 predictions have no gold answer"))
    }

    @Test("two systems are compared on the same units")
    func against() throws {
        let golden = try GoldenFile.json("tasks/slots.json")
        let bootstrap = try #require(golden["bootstrap"])
        let result = try Tool.run(
            "evaluate", "--predictions", TestFiles.fixture("tasks/predictions.jsonl"), "--gold",
            Self.gold, "--against", TestFiles.fixture("tasks/other.jsonl"), "--resamples",
            "\(try bootstrap.int("resamples"))", "--seed", "\(try bootstrap.int("seed"))", "--json",
            "--quiet"
        ).object()
        let other = try #require(golden["other"])
        #expect(
            abs(try #require(result["against"]).double("slu_f1") - other.double("slu_f1")) < 1e-13)
        let comparison = try #require(result.elements("significance").first)
        #expect(try comparison.string("metric") == "slu_f1")
        #expect(try comparison.double("p_value") == bootstrap.double("p_value"))
        #expect(
            abs(try comparison.double("difference") - bootstrap.double("difference")) < 1e-13)
    }

    @Test("classes are matched by id, or in order")
    func classes() throws {
        let gold = try file(
            "gold.jsonl", #"{"id":"a","label":1}"#, #"{"id":"b","label":"0"}"#,
            #"{"id":3,"probabilities":[0.2,0.8]}"#)
        let byID = try file(
            "id.jsonl", #"{"id":"3","label":0}"#, #"{"id":"a","probabilities":[0.1,0.9]}"#,
            #"{"id":3,"prediction":"1"}"#, #"{"id":"z","label":1}"#)
        let result = try Tool.run(
            "evaluate", "--predictions", byID, "--gold", gold, "--json", "--quiet"
        ).object()
        #expect(try result.string("task") == "classify")
        #expect(abs(try result.double("accuracy") - 2.0 / 3) < 1e-15)
        #expect(try result.int("missing") == 1)
        #expect(try result.int("ignored") == 1)
        let skipped = try Tool.run(
            "evaluate", "--predictions", byID, "--gold", gold, "--json", "--quiet", "--missing",
            "skip"
        ).object()
        #expect(try skipped.double("accuracy") == 1)

        let inOrder = try file(
            "order.jsonl", #"{"label":1}"#, #"{"label":1}"#, #"{"label":1}"#)
        let compared = try Tool.run(
            "evaluate", "--predictions", inOrder, "--gold", gold, "--against", byID, "--json",
            "--quiet"
        ).object()
        #expect(abs(try compared.double("accuracy") - 2.0 / 3) < 1e-15)
        let comparison = try #require(compared.elements("significance").first)
        #expect(try comparison.string("test") == "mcnemar")
        #expect(try comparison.double("p_value") == 1)
        let short = try file("short.jsonl", #"{"label":1}"#)
        try Tool.run("evaluate", "--predictions", short, "--gold", gold).failed(
            65, "\(short): ", mentioning: "1 predictions without \"id\" for 3 examples")
    }

    @Test("rows of SciQ have the labels of the seed")
    func sciq() throws {
        let rows = try GoldenFile.json("tasks/sciq-rows.json").elements("seed_5")
        let predictions = try file(
            "sciq.jsonl",
            rows.map { "{\"label\":\($0["label"]?.int ?? -1)}" }.joined(separator: "\n"))
        let gold = TestFiles.fixture("tasks/sciq.jsonl")
        let result = try Tool.run(
            "evaluate", "--predictions", predictions, "--gold", gold, "--seed", "5", "--json"
        ).object()
        #expect(try result.double("accuracy") == 1)
        let other = try Tool.run(
            "evaluate", "--predictions", predictions, "--gold", gold, "--seed", "0", "--json"
        ).object()
        #expect(try other.double("accuracy") < 1)
    }

    @Test("texts match exactly, and slots are parsed from them")
    func texts() throws {
        let gold = try file(
            "gold.jsonl", #"{"completion":" yes "}"#,
            #"{"completion":"{}","entities":[{"type":"date","filler":"today"}]}"#,
            #"{"prompt":"x","entities":[{"type":"date","filler":"today"}]}"#)
        let predictions = try file(
            "p.jsonl", #"{"prediction":"yes"}"#, #"{"text":"{\"date\": \"today\""}"#,
            #"{"prediction":"{\"date\": \"today\"}"}"#)
        let result = try Tool.run(
            "evaluate", "--predictions", predictions, "--gold", gold, "--json"
        ).object()
        #expect(try result.string("task") == "generate")
        #expect(abs(try result.double("exact_match") - 2.0 / 3) < 1e-15)
        #expect(try result.double("slu_f1") == 1)
    }

    @Test("bad lines are refused with their place")
    func badLines() throws {
        let gold = try file("gold.jsonl", #"{"slurp_id":1,"entities":[]}"#)
        let bad = try file("bad.jsonl", #"{"slurp_id":1,"entities":[]}"#, "{\"slurp_id\":2}")
        try Tool.run("evaluate", "--predictions", bad, "--gold", gold).failed(
            65, "\(bad): missing key, line 2, key \"entities\"")
        let empty = try Files.write("", to: folder.file("empty.jsonl"))
        try Tool.run("evaluate", "--predictions", gold, "--gold", empty).failed(65, "\(empty): ")
        try Tool.run("evaluate", "--predictions", gold, "--gold", empty, "--task", "slurp")
            .failed(65, "\(empty): ")
        try Tool.run("evaluate", "--predictions", folder.file("none"), "--gold", gold)
            .failed(66, "\(folder.file("none")): ")
        let unfilled = try file(
            "unfilled.jsonl", #"{"slurp_id":1,"entities":[{"type":"date","filler":""}]}"#)
        try Tool.run("evaluate", "--predictions", gold, "--gold", unfilled).failed(
            65, "\(unfilled): the gold filler has no words, line 1, key \"entities[0].filler\"")
    }

    @Test(
        "options that do not go together",
        arguments: [
            ["evaluate"], ["evaluate", "--predictions", "x"], ["evaluate", "m", "--task", "slurp"],
            ["evaluate", "m", "--data", "x"],
            ["evaluate", "m", "--data", "x", "--task", "slurp", "--gold", "y"],
            ["evaluate", "m", "--predictions", "x", "--gold", "y"],
            ["evaluate", "--predictions", "x", "--gold", "y", "--beams", "2"],
            ["evaluate", "--predictions", "x", "--gold", "y", "--limit", "2"],
            [
                "evaluate", "--predictions", "x", "--gold", "y", "--against", "z", "--missing",
                "skip",
            ],
            ["evaluate", "--predictions", "x", "--gold", "y", "--resamples", "0"],
        ])
    func usage(arguments: [String]) throws {
        try Tool.run(arguments).failed(64, "")
    }
}

/// `evaluate MODEL`.
struct EvaluateModelTests {
    private let folder: TemporaryFolder
    private let model = TestFiles.fixture("gpt2-tiny")

    init() throws { folder = try TestFiles.temporaryFolder() }

    private func slurp() throws -> String {
        try Files.write(
            """
            {"slurp_id":7,"sentence":"The light turned","tokens":[{"surface":"The"},{"surface":"light"}],\
            "entities":[{"type":"device_type","span":[1]}]}
            {"slurp_id":"8","sentence":"no","entities":[]}

            """, to: folder.file("slurp.jsonl"))
    }

    @Test("slots of generated text, and predictions that score the same", arguments: ["1", "3"])
    func slurp(threads: String) throws {
        let data = try slurp()
        let out = folder.file("predictions.jsonl")
        let arguments = [
            "evaluate", model, "--task", "slurp", "--data", data, "--prompt-style", "short",
            "--max-new-tokens", "12", "--json", "--threads", threads, "--predictions-out", out,
            "--uncertainty",
        ]
        let result = try Tool.run(arguments).object()
        result.has("slu_f1", "exact_match", "parsing", "counts", "unfinished")
        #expect(try result.int("examples") == 2)
        let lines = try GoldenFile.objects(out)
        #expect(lines.count == 2)
        let generated = try Tool.run(
            "generate", model, "--prompt", "The light turned ->", "--max-new-tokens", "12", "--json"
        ).object().elements("sequences")[0]
        let text = try generated.string("text")
        #expect(
            try lines[0].string("prediction")
                == String(
                    text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()))
        let uncertainty = try lines[0].double("uncertainty")
        #expect(uncertainty > 0 && uncertainty < 1)
        #expect(lines[0]["slurp_id"]?.int == 7)
        #expect(lines[1]["slurp_id"]?.string == "8")
        let scored = try Tool.run(
            "evaluate", "--predictions", out, "--gold", data, "--json"
        ).object()
        #expect(try scored.double("slu_f1") == result.double("slu_f1"))
        let compared = try Tool.run(arguments + ["--against", out]).object()
        let comparison = try #require(compared.elements("significance").first)
        #expect(try comparison.double("difference") == 0)
        #expect(try comparison.double("p_value") == 1)
    }

    @Test("classes by name, with tokens instead of text")
    func classify() throws {
        let classes = TestFiles.fixture("decoders/gpt2-classes")
        let names = ["low", "middle", "high"]
        var ids = "", data = ""
        for line in 0..<5 {
            ids += "{\"ids\":[\(line),7,\(line * 3)]}\n"
        }
        let labels = try Tool.run("classify", classes, "--jsonl", input: ids).objects()
        for (line, label) in labels.enumerated() {
            // The last line has a wrong label.
            let name = try label.string("label")
            let gold = line == 4 ? names.first { $0 != name } ?? "" : name
            data += "{\"ids\":[\(line),7,\(line * 3)],\"label\":\"\(gold)\",\"id\":\"n\(line)\"}\n"
        }
        let path = try Files.write(data, to: folder.file("classes.jsonl"))
        let out = folder.file("predictions.jsonl")
        let result = try Tool.run(
            "evaluate", classes, "--task", "classify", "--data", path, "--json",
            "--predictions-out", out
        ).object()
        #expect(try result.double("accuracy") == 0.8)
        let lines = try GoldenFile.objects(out)
        #expect(lines.map { $0["id"]?.string } == (0..<5).map { "n\($0)" })
        #expect(
            try lines.map { try $0.doubles("probabilities") }
                == labels.map { try $0.doubles("probabilities") })
        let scored = try Tool.run(
            "evaluate", "--predictions", out, "--gold", path, "--json"
        ).object()
        #expect(try scored.double("accuracy") == 0.8)
        let limited = try Tool.run(
            "evaluate", classes, "--task", "classify", "--data", path, "--json", "--limit", "4"
        ).object()
        #expect(try limited.double("accuracy") == 1)

        let unknown = try Files.write(
            "{\"ids\":[1],\"label\":\"low\"}\n{\"ids\":[1],\"label\":\"none\"}\n",
            to: folder.file("unknown.jsonl"))
        try Tool.run("evaluate", classes, "--task", "classify", "--data", unknown).failed(
            65, "\(unknown): \"none\" is not a label of the model, line 2")
        try Tool.run(
            "evaluate", classes, "--task", "sciq", "--data", TestFiles.fixture("tasks/sciq.jsonl")
        ).failed(69, "\(classes): the classification head has 3 labels, and SciQ has 2 classes")
    }

    @Test("a head for SciQ is trained and evaluated")
    func sciq() throws {
        let rows = try GoldenFile.json("tasks/sciq-rows.json").elements("seed_0")
        let data = try Files.write(
            rows.map { $0.text() + "\n" }.joined(), to: folder.file("rows.jsonl"))
        let tuned = folder.file("tuned")
        try Tool.run(
            "finetune", model, "--task", "classify", "--data", data, "--out", tuned, "--epochs",
            "2", "--lr", "1e-2", "--quiet"
        ).succeeded()
        let result = try Tool.run(
            "evaluate", tuned, "--task", "sciq", "--data", TestFiles.fixture("tasks/sciq.jsonl"),
            "--json"
        ).object()
        let same = try Tool.run(
            "evaluate", tuned, "--task", "classify", "--data", data, "--json"
        ).object()
        #expect(try result.double("accuracy") == same.double("accuracy"))
        try Tool.run(
            "evaluate", model, "--task", "sciq", "--data", TestFiles.fixture("tasks/sciq.jsonl")
        ).failed(69, "\(model): ", mentioning: "no classification head")
    }

    @Test("a prompt that does not fit is named by its line")
    func longPrompt() throws {
        let path = try slurp()
        try Tool.run("evaluate", model, "--task", "slurp", "--data", path).failed(
            65, "\(path): ", mentioning: "exceeds the context of 64, line 1")
    }

    @Test("texts of one's own")
    func generate() throws {
        let text = try Tool.run(
            "generate", model, "--prompt", "The light", "--max-new-tokens", "6", "--json"
        ).object().elements("sequences")[0]
        let line: JSONObject = [
            "prompt": .string("The light"), "completion": .string(try text.string("text")),
        ]
        let path = try Files.write(
            JSONValue.object(line).text() + "\n{\"prompt\":\"no\",\"completion\":\"impossible\"}\n",
            to: folder.file("texts.jsonl"))
        let result = try Tool.run(
            "evaluate", model, "--task", "generate", "--data", path, "--json", "--max-new-tokens",
            "6"
        ).object()
        #expect(try result.double("exact_match") == 0.5)
        #expect(result["slu_f1"] == nil)
    }
}
