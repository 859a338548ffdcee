import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// Which token closes a text, that it does so once, and that nothing does so before a completion.
struct ClosingTests {
    private let folder: TemporaryFolder
    private let model: String
    /// The token `<|endoftext|>`, the tokenizer's `eos_token`.
    private static let end = 511

    init() throws {
        folder = try TestFiles.temporaryFolder()
        model = try Files.copy("gpt2-tiny", to: folder.file("model"))
    }

    private func ids(_ text: String) throws -> [Int] {
        try Tool.run("tokenize", TestFiles.fixture("gpt2-tiny"), text, "--json").object()
            .ints("ids")
    }

    /// Makes the model's tokenizer close each text by its template.
    private func closeByTemplate() throws {
        let path = "\(model)/tokenizer.json"
        var object = try #require(try JSONValue.read(path: path).object)
        let template = """
            {"type": "TemplateProcessing",
             "single": [{"Sequence": {"id": "A", "type_id": 0}},
                        {"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}}],
             "pair": [{"Sequence": {"id": "A", "type_id": 0}},
                      {"Sequence": {"id": "B", "type_id": 1}}],
             "special_tokens": {"<|endoftext|>": {"id": "<|endoftext|>", "ids": [511],
                                                  "tokens": ["<|endoftext|>"]}}}
            """
        object["post_processor"] = try JSONValue.parse(ByteView(Array(template.utf8)))
        try Files.write(JSONValue.object(object).text(), to: path)
        let closed = try Tool.run("tokenize", model, "The light", "--json").object().ints("ids")
        #expect(try closed == ids("The light") + [Self.end])
    }

    private func score(_ line: String, _ more: String...) throws -> JSONValue {
        try Tool.run(["score", model, "--jsonl"] + more, input: .init(line.utf8)).object()
    }

    /// The log-probabilities of the last tokens of a sequence.
    private func scores(_ ids: [Int], last count: Int) throws -> [Double] {
        try score("{\"ids\": \(ids)}").doubles("logprobs").suffix(count)
    }

    @Test("score: with a template that closes texts, a completion follows its prompt directly")
    func scoreWithTemplate() throws {
        try closeByTemplate()
        let (prompt, completion) = (try ids("The light"), try ids("house") + [Self.end])
        let line = "{\"prompt\": \"The light\", \"completion\": \"house\"}"
        let found = try score(line, "--eos")
        #expect(try found.int("tokens") == completion.count)
        expectClose(
            try found.doubles("logprobs"), try scores(prompt + completion, last: completion.count),
            within: 1e-5, "completion")
        let open = try score(line).doubles("logprobs")
        expectClose(open, try found.doubles("logprobs").dropLast(), within: 1e-5, "open")
        // A whole text is closed exactly if --eos says so.
        #expect(try score("{\"text\": \"The light\"}").int("tokens") == prompt.count - 1)
        #expect(try score("{\"text\": \"The light\"}", "--eos").int("tokens") == prompt.count)
    }

    @Test("generate: with a template that closes texts, new tokens follow the prompt directly")
    func generateWithTemplate() throws {
        func sequence(_ model: String) throws -> JSONValue {
            let answer = try Tool.run(
                "generate", model, "--prompt", "The light", "--max-new-tokens", "8", "--json")
            return try #require(try answer.object()["sequences"]?.array?.first)
        }
        let plain = try sequence(model)
        try closeByTemplate()
        #expect(try sequence(model) == plain)
        let lines = try Tool.run(
            "generate", model, "--jsonl", "--max-new-tokens", "8",
            input: "{\"prompt\": \"The light\"}"
        ).object()
        #expect(lines["sequences"]?.array == [plain])
    }

    @Test("finetune: with a template that closes texts, one token closes each example")
    func finetuneWithTemplate() throws {
        func weights(_ name: String, _ line: String) throws -> [UInt8] {
            let data = try Files.write(line, to: folder.file("\(name).jsonl"))
            let output = folder.file(name)
            try Tool.run(
                "finetune", model, "--data", data, "--out", output, "--steps", "1", "--lr", "1e-3"
            ).succeeded()
            return try Files.read("\(output)/model.safetensors")
        }
        try closeByTemplate()
        let (prompt, completion) = (try ids("The light"), try ids("house") + [Self.end])
        let labels = prompt.map { _ in -100 } + completion
        #expect(
            try weights("a", "{\"prompt\": \"The light\", \"completion\": \"house\"}")
                == weights("b", "{\"ids\": \(prompt + completion), \"labels\": \(labels)}"))
        let text = try weights("c", "{\"ids\": \(prompt + [Self.end])}")
        #expect(try weights("d", "{\"text\": \"The light\"}") == text)
        #expect(try weights("e", "{\"text\": \"The light<|endoftext|>\"}") == text)
    }

    @Test("of several stop tokens the tokenizer's eos_token closes, else the first")
    func severalStopTokens() throws {
        let ids = try ids("The light")
        for (list, closing) in [("[7, 511]", Self.end), ("[7, 8]", 7), ("7", 7)] {
            try Files.write("{\"eos_token_id\": \(list)}", to: "\(model)/generation_config.json")
            let expected = try scores(ids + [closing], last: ids.count)
            for line in ["{\"text\": \"The light\"}", "{\"ids\": \(ids)}"] {
                let found = try score(line, "--eos").doubles("logprobs")
                expectClose(found, expected, within: 1e-5, "\(list), \(line)")
            }
        }
    }

    @Test("a text that ends with a stop token is not closed again")
    func once() throws {
        let ids = try ids("The light")
        for line in [
            "{\"text\": \"The light<|endoftext|>\"}", "{\"ids\": \(ids + [Self.end])}",
        ] {
            #expect(try score(line, "--eos").int("tokens") == ids.count)
        }
    }

    @Test("without stop tokens the tokenizer's eos_token closes; without either, --eos is refused")
    func noStopTokens() throws {
        for name in ["config.json", "generation_config.json"] {
            let path = "\(model)/\(name)"
            let text = try Files.text(path)
            #expect(text.contains("\"eos_token_id\": 511"))
            try Files.write(
                text.replacing("\"eos_token_id\": 511", with: "\"eos_token_id\": null"), to: path)
        }
        let ids = try ids("The light")
        expectClose(
            try score("{\"text\": \"The light\"}", "--eos").doubles("logprobs"),
            try scores(ids + [Self.end], last: ids.count), within: 1e-5, "eos_token")
        try Files.write(
            "{\"tokenizer_class\": \"GPT2Tokenizer\", \"eos_token\": null}",
            to: "\(model)/tokenizer_config.json")
        try Files.remove("\(model)/special_tokens_map.json")
        try Tool.run("score", model, "x", "--eos").failed(64, "", mentioning: "--eos")
        #expect(try score("{\"text\": \"The light\"}").int("tokens") == ids.count - 1)
    }

    @Test("with ids no tokenizer is opened, and generated text is null")
    func idsNeedNoTokenizer() throws {
        let command = ["generate", model, "--jsonl", "--max-new-tokens", "3"]
        let line = "{\"ids\": [1, 2]}\n"
        let whole = try Tool.run(command, input: .init(line.utf8)).object()
        #expect(whole["sequences"]?.array?.first?["text"] == .null)
        try Files.write("{", to: "\(model)/tokenizer.json")
        #expect(try Tool.run(command, input: .init(line.utf8)).object() == whole)
        for more in [[], ["--eos"]] {
            #expect(
                try Tool.run(["score", model, "--jsonl"] + more, input: .init(line.utf8)).object()
                    .int("tokens") == (more.isEmpty ? 1 : 2))
        }
        let data = try Files.write(line, to: folder.file("data.jsonl"))
        try Tool.run("finetune", model, "--data", data, "--out", folder.file("out")).succeeded()
        // Lines of both kinds can be mixed, as long as the tokenizer can be read.
        let outcome = try Tool.run(
            command, input: .init((line + "{\"prompt\": \"The\"}\n").utf8))
        outcome.failed(65, "\(model)/tokenizer.json: ", output: outcome.output)
        #expect(outcome.lines.count == 1)
    }
}
