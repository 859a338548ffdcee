import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `classify` against transformers' probabilities.
struct ClassifyGoldenTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TestFiles.temporaryFolder() }

    @Test("ids, in several batches, in order", arguments: ["gpt2", "opt", "gpt_neox"])
    func ids(_ family: String) throws {
        let model = TestFiles.fixture("decoders/\(family)-classes")
        let golden = try JSONValue.read(path: "\(model)/golden.json")
        let texts = try #require(golden["texts"]?.array)
        let cases = Array(repeating: texts, count: 4).flatMap { $0 }
        let input = try cases.enumerated().map {
            "{\"id\": \($0), \"ids\": \(try $1.ints("ids"))}\n"
        }.joined()
        for limit in ["0", "40", "2048"] {
            let answers = try Tool.run(
                "classify", model, "--jsonl", "--batch-tokens", limit, input: input
            ).objects()
            #expect(answers.map { $0["id"]?.int } == Array(cases.indices))
            for (number, (answer, golden)) in zip(answers, cases).enumerated() {
                #expect(answer.keys == ["id", "probabilities", "label", "index"])
                let probabilities = try answer.doubles("probabilities")
                expectClose(probabilities, try golden.doubles("probabilities"), "case \(number)")
                #expect(answer["label"] == golden["label"])
                #expect(
                    try answer.int("index")
                        == probabilities.indices.max {
                            probabilities[$0] < probabilities[$1]
                        })
            }
        }
    }

    /// A newly initialised GPT-2 with three labels and the tiny GPT-2's tokenizer.
    private func model() throws -> String {
        let tiny = TestFiles.fixture("gpt2-tiny")
        let text = try Files.text("\(tiny)/config.json")
        let name = "\"GPT2LMHeadModel\""
        #expect(text.contains(name))
        let config = text.replacing(name, with: "\"GPT2ForSequenceClassification\"")
            .replacing("\"model_type\"", with: "\"num_labels\": 3, \"model_type\"")
        let path = folder.file("model")
        try Files.write(config, to: folder.file("config.json"))
        try Tool.run("init", folder.file("config.json"), path).succeeded()
        try Files.write(try Files.read("\(tiny)/tokenizer.json"), to: "\(path)/tokenizer.json")
        return path
    }

    @Test("a text is classified by its tokens; labels without names are numbered")
    func texts() throws {
        let model = try model()
        let text = "The light turned once."
        let ids = try Tool.run("tokenize", model, text, "--json").object().ints("ids")
        #expect(ids.count > 3)
        let answers = try Tool.run(
            "classify", model, "--jsonl",
            input: "{\"ids\": \(ids)}\n{\"text\": \"\(text)\"}\n"
        ).objects()
        #expect(try answers[0].doubles("probabilities").count == 3)
        expectClose(
            try answers[1].doubles("probabilities"), try answers[0].doubles("probabilities"),
            within: 1e-6, "text")
        let one = try Tool.run("classify", model, text, "--json").object()
        #expect(one.keys == ["probabilities", "label", "index"])
        #expect(try one.string("label") == "LABEL_\(one.int("index"))")
        let table = try Tool.run("classify", model, text).succeeded().lines
        #expect(table.count == 4)
        #expect(table[1].hasSuffix("\tLABEL_1"))
        #expect(try table[3] == "label \(one.string("label"))")
    }

    @Test("lines that cannot be classified")
    func badLines() throws {
        let model = TestFiles.fixture("decoders/gpt2-classes")
        for (line, status, words) in [
            ("{}", 65, ["\"ids\" or \"text\""]), ("{\"ids\": []}", 65, ["no last one"]),
            ("{\"ids\": [96]}", 65, ["96"]), ("{\"text\": \"a\"}", 66, ["tokenizer"]),
            ("{\"ids\": \(Array(repeating: 1, count: 65))}", 65, ["context of 64"]),
        ] as [(String, Int32, [String])] {
            let outcome = try Tool.run(
                "classify", model, "--jsonl", input: "{\"ids\": [5]}\n\(line)\n")
            #expect(outcome.lines.count == 1)
            let beginning = status == 66 ? "\(model): " : "stdin: "
            outcome.failed(
                status, beginning, mentioning: words + ["line 2"], output: outcome.output)
        }
    }

    @Test("a model with the other head")
    func otherHead() throws {
        let classes = TestFiles.fixture("decoders/llama-classes")
        let data = try Files.write("{\"ids\": [1, 2]}", to: folder.file("data.jsonl"))
        for command in [
            ["score", classes, "a"], ["score", classes, "--jsonl"],
            ["generate", classes, "--prompt", "a"], ["generate", classes, "--jsonl"],
            ["bench", classes],
            ["finetune", classes, "--data", data, "--out", folder.file("out")],
        ] {
            try Tool.run(command).failed(
                69, "\(classes): ", mentioning: "classification head of 3 labels",
                "no language-model head")
        }
        #expect(!Files.exists(folder.file("out")))
        let language = TestFiles.fixture("decoders/llama")
        for arguments in [["a"], ["--jsonl"]] {
            let outcome = try Tool.run(["classify", language] + arguments)
            outcome.failed(69, "\(language): ", mentioning: "no classification head")
            #expect(outcome.errors.contains("hint: "))
        }
    }
}
