import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// Files that people have, as a user meets them on the command line.
struct OddFileCommandTests {
    private let folder: TemporaryFolder
    private let model: String

    init() throws {
        folder = try TestFiles.temporaryFolder()
        model = try Files.copy("decoders/llama", to: folder.file("model"))
    }

    private func score(_ path: String, _ line: String, _ more: String...) throws -> Outcome {
        try Tool.run(["score", path, "--jsonl"] + more, input: .init(line.utf8))
    }

    @Test("generate: what generation_config.json sets is named in one note, or applied")
    func generationConfig() throws {
        try Files.write(
            "{\"repetition_penalty\": 1.4, \"do_sample\": true, \"top_k\": 5, \"eos_token_id\": 2}",
            to: "\(model)/generation_config.json")
        let line = "{\"ids\": [5, 6, 7, 8]}"
        func run(_ more: String...) throws -> Outcome {
            try Tool.run(
                ["generate", model, "--jsonl", "--max-new-tokens", "8"] + more,
                input: .init(line.utf8)
            ).succeeded()
        }
        func ids(_ outcome: Outcome) throws -> [Int] {
            try outcome.object().elements("sequences")[0].ints("ids")
        }
        let plain = try run()
        let notes = plain.errors.split(separator: "\n")
        #expect(notes.count == 1)
        for part in ["do_sample true", "top_k 5", "repetition_penalty 1.4", "--generation-config"] {
            #expect(notes[0].contains(part))
        }
        let given = try ids(run("--repetition-penalty", "1.4"))
        let applied = try run("--generation-config", "--temperature", "0")
        #expect(applied.errors == "")
        #expect(try ids(applied) == given)
        #expect(try ids(applied) != ids(plain))
        #expect(
            try ids(run("--generation-config", "--repetition-penalty", "1", "--temperature", "0"))
                == ids(plain))
    }

    @Test("evaluate and label name what generation_config.json sets, and do not apply it")
    func configurationOfTasks() throws {
        let model = try Files.copy("gpt2-tiny", to: folder.file("tiny"))
        let data = try Files.write(
            #"{"prompt":"The keeper","completion":" lit the lamp"}"# + "\n",
            to: folder.file("data.jsonl"))
        let labels = folder.file("labels.jsonl")
        let commands = [
            [
                "evaluate", model, "--task", "generate", "--data", data, "--max-new-tokens", "4",
                "--json",
            ],
            [
                "weak-to-strong", "label", model, "--task", "generate", "--data", data,
                "--max-new-tokens", "4", "--out", labels,
            ],
        ]
        func run(_ command: [String]) throws -> Outcome {
            if Files.exists(labels) { try Files.remove(labels) }
            return try Tool.run(command).succeeded()
        }
        try Files.write("{\"eos_token_id\": 0}", to: "\(model)/generation_config.json")
        let plain = try commands.map { command in
            let outcome = try run(command)
            #expect(!outcome.errors.contains("generation_config.json"))
            return outcome.output
        }
        try Files.write(
            "{\"repetition_penalty\": 1.4, \"do_sample\": true, \"eos_token_id\": 0}",
            to: "\(model)/generation_config.json")
        for (command, expected) in zip(commands, plain) {
            let outcome = try run(command)
            let notes = outcome.errors.split(separator: "\n").filter {
                $0.contains("generation_config.json")
            }
            #expect(notes.count == 1, "\(outcome.errors)")
            #expect(notes.first?.contains("not applied: ") == true)
            #expect(notes.first?.contains("repetition_penalty 1.4") == true)
            #expect(outcome.output == expected)
        }
        // A search is not sampled, so do_sample concerns the greedy evaluation alone.
        #expect(try run(commands[0]).errors.contains("do_sample true"))
        #expect(try !run(commands[1]).errors.contains("do_sample"))
    }

    @Test("what quantized matrices cost is said where there are products with them")
    func blockMemory() throws {
        let quantized = TestFiles.fixture("gguf-models/llama-llama3-q4_1.gguf")
        let line = "{\"ids\": [5, 6, 7]}"
        let part = "quantized matrices ("
        #expect(try score(quantized, line).succeeded().errors.contains(part))
        #expect(try !score(quantized, line, "--weights", "int8").succeeded().errors.contains(part))
        let data = try Files.write(
            "{\"ids\": [5, 6, 7], \"labels\": [5, 6, 7]}\n", to: folder.file("data.jsonl"))
        func tune(_ name: String, _ more: String...) throws -> String {
            try Tool.run(
                ["finetune", quantized, "--data", data, "--out", folder.file(name), "--steps", "1"]
                    + more
            ).succeeded().errors
        }
        #expect(try !tune("full").contains(part))
        #expect(try tune("lora", "--method", "lora").contains(part))
    }

    @Test(
        "the name of a weight file is refused for a folder",
        arguments: ["x.gguf", "x.safetensors", "x.h5"])
    func fileNames(_ name: String) throws {
        let out = folder.file(name)
        let data = try Files.write("{\"ids\": [5, 6]}\n", to: folder.file("data.jsonl"))
        for command in [
            ["finetune", model, "--data", data, "--out", out],
            ["init", "\(model)/config.json", out],
        ] {
            let outcome = try Tool.run(command)
            outcome.failed(64, out, mentioning: "is the name of a file, not of a folder")
            #expect(outcome.errors.contains("hint: name a folder"))
            #expect(!Files.exists(out))
        }
    }

    @Test("convert says in its JSON that a tokenizer is missing; inspect shows foreign GGUF files")
    func ggufFiles() throws {
        let answer = try Tool.run(
            "convert", TestFiles.fixture("gpt2-tiny"), folder.file("x.gguf"), "--json"
        ).object()
        #expect(answer["tokenizer"] == .bool(true))
        var bytes = try Files.read(folder.file("x.gguf"))
        let pre = Array("gpt-2".utf8)
        let place = try #require(
            bytes.indices.dropLast(pre.count).first {
                bytes[$0..<$0 + pre.count].elementsEqual(pre)
            })
        bytes.replaceSubrange(place..<place + pre.count, with: Array("gpt-9".utf8))
        let odd = try Files.write(bytes, to: folder.file("odd.gguf"))
        let outcome = try Tool.run("convert", odd, folder.file("out"), "--json")
        let lost = try outcome.object()
        #expect(lost["tokenizer"] == .bool(false))
        #expect(outcome.errors.contains("tokenizer.json"), "\(outcome.errors)")
        #expect(outcome.errors.contains("gpt-9"))

        let name = Array("gpt2".utf8)
        let first = try #require(
            bytes.indices.first { bytes[$0..<$0 + name.count].elementsEqual(name) })
        bytes.replaceSubrange(first..<first + name.count, with: Array("bert".utf8))
        let foreign = try Files.write(bytes, to: folder.file("foreign.gguf"))
        let shown = try Tool.run("inspect", foreign, "--json").object()
        #expect(shown["format"] == .string("gguf") && shown["family"] == .null)
        #expect(shown["metadata"]?["general.architecture"] == .string("bert"))
        #expect(try shown.elements("tensors").count > 10)
        try Tool.run("score", foreign, "--jsonl", input: "{\"ids\": [1, 2]}").failed(
            69, foreign, mentioning: "bert")
    }

    @Test("score needs no generation_config.json, whatever is in it")
    func optionalFiles() throws {
        let expected = try score(model, "{\"ids\": [5, 6, 7]}").object()["logprobs"]
        for text in ["", "{", "{\"eos_token_id\": \"</s>\"}", "{\"eos_token_id\": -1}"] {
            try Files.write(text, to: "\(model)/generation_config.json")
            for name in ["tokenizer.json", "tokenizer_config.json"] {
                try Files.write("broken", to: "\(model)/\(name)")
            }
            #expect(try score(model, "{\"ids\": [5, 6, 7]}").object()["logprobs"] == expected)
        }
    }

    @Test("lines may begin with a byte order mark, and hold NaN where it is not used")
    func lines() throws {
        let line = "\u{FEFF}{\"ids\": [5, 6], \"weight\": NaN, \"id\": 1}\n{\"ids\": [6, 7]}\n"
        #expect(try score(model, line).objects().count == 2)
        for (line, part) in [
            ("{\"ids\": [5, NaN]}", "NaN is not a token id"),
            ("{\"ids\": [5, 6], \"id\": NaN}", "\"id\""),
        ] {
            let outcome = try score(model, line)
            #expect(outcome.status == 65)
            #expect(outcome.errors.contains(part) && outcome.errors.contains("line 1"))
        }
        let wide = Array("{\"ids\": [5]}\n".utf8).flatMap { byte -> [UInt8] in [byte, 0] }
        let outcome = try Tool.run(["score", model, "--jsonl"], input: .init([0xFF, 0xFE] + wide))
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("UTF-16"))
        let data = try Files.write([0xFF, 0xFE] + wide, to: folder.file("data.jsonl"))
        let training = try Tool.run("finetune", model, "--data", data, "--out", folder.file("out"))
        #expect(training.status == 65)
        #expect(training.errors.contains("UTF-16"))
    }

    @Test("a configuration may hold bare NaN and Infinity where they are not used")
    func configurations() throws {
        let path = "\(model)/config.json"
        let text = try Files.text(path)
        let more = "\"time_step_limit\": [0.0, Infinity], \"model_type\""
        try Files.write(text.replacing("\"model_type\"", with: more), to: path)
        let inspected = try Tool.run("inspect", model, "--json").object()
        #expect(inspected["family"]?.string == "llama")
        try Tool.run("convert", model, folder.file("copy"), "--quiet").succeeded()
        try Tool.run("inspect", folder.file("copy")).succeeded()
        try Files.write(text.replacing("1e-06", with: "NaN"), to: path)
        let scored = try score(model, "{\"ids\": [5, 6]}")
        #expect(scored.status == 65)
        #expect(scored.errors.contains("NaN is not a positive number, key \"rms_norm_eps\""))
    }

    @Test("a wrapped model's hint works: convert, then run")
    func wrappedModels() throws {
        let weights = "\(model)/model.safetensors"
        var bytes = try Files.read(weights)
        // The same names with a prefix: a longer header, and the same data behind it.
        let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = String(decoding: bytes[8..<8 + length], as: UTF8.self)
        var longer = Array(
            header.replacing("\"model.", with: "\"_orig_mod.model.")
                .replacing("\"lm_head", with: "\"_orig_mod.lm_head").utf8)
        while longer.count % 8 != 0 { longer.append(0x20) }
        bytes.replaceSubrange(
            0..<8 + length,
            with: (0..<8).map { UInt8(truncatingIfNeeded: longer.count >> (8 * $0)) } + longer)
        let wrapped = try Files.copy("decoders/llama", to: folder.file("wrapped"))
        try Files.write(bytes, to: "\(wrapped)/model.safetensors")

        let line = "{\"ids\": [5, 6, 7]}"
        let refused = try score(wrapped, line)
        #expect(refused.status == 65)
        #expect(refused.errors.contains("_orig_mod.") && refused.errors.contains("torch.compile"))
        #expect(refused.errors.contains("swiftlet convert SRC DST --strip-prefix"))
        let expected = try score(model, line).object()["logprobs"]
        #expect(try score(wrapped, line, "--strip-prefix").object()["logprobs"] == expected)
        let out = folder.file("out")
        try Tool.run("convert", wrapped, out, "--strip-prefix").succeeded()
        #expect(try score(out, line).object()["logprobs"] == expected)
        try Tool.run("diff", out, model).succeeded()
        try Tool.run("diff", wrapped, model, "--strip-prefix").succeeded()
        try Tool.run("inspect", wrapped, "--strip-prefix").succeeded()
    }
}
