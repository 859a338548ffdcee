import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `finetune --method lora`, `merge`, and `--adapter` of the commands that run a model.
struct FinetuneAdapterTests {
    private static let model = TestFiles.fixture("gpt2-tiny")

    /// A short LoRA run.
    private func makeRun(_ options: String...) throws -> FinetuneRun {
        let text = try GoldenFile.lines(TestFiles.fixture("text/lighthouse.txt")).prefix(24)
        let lines = try text.map { sentence in
            "{\"text\": \(String(decoding: try JSONEncoder().encode(sentence), as: UTF8.self))}"
        }
        return try FinetuneRun(
            data: lines, ["--method", "lora", "--batch-size", "4", "--lr", "1e-2"] + options)
    }

    private func weights(_ run: FinetuneRun, _ name: String) throws -> [UInt8] {
        try Files.read("\(run.output(name))/adapter_model.safetensors")
    }

    @Test("PEFT's adapters in score, against PEFT", arguments: ["gpt2-all", "qwen2-tied-head"])
    func score(_ name: String) throws {
        let golden = try GoldenFile.json("adapters/\(name)/golden.json")
        let (model, adapter) = (
            TestFiles.fixture(try golden.string("model")), TestFiles.fixture("adapters/\(name)")
        )
        let folder = try TestFiles.temporaryFolder()
        let merged = folder.file("merged")
        let summary = try Tool.run("merge", model, adapter, merged, "--json").object()
        #expect(try summary.int("merged") > 0)
        let cases = try golden.elements("scores")
        let input = try cases.map { "{\"ids\": \(try $0.ints("ids"))}\n" }.joined()
        for arguments in [[model, "--adapter", adapter], [merged]] {
            let answers = try Tool.run(
                ["score"] + arguments + ["--jsonl"], input: Data(input.utf8)
            ).objects()
            for (answer, one) in zip(answers, cases) {
                expectClose(try answer.doubles("logprobs"), try one.doubles("logprobs"))
            }
        }
    }

    @Test("PEFT's adapters in classify, against PEFT")
    func classify() throws {
        for name in ["gpt2-classes", "llama-classes"] {
            let golden = try GoldenFile.json("adapters/\(name)/golden.json")
            let texts = try golden.elements("texts")
            let input = try texts.map { "{\"ids\": \(try $0.ints("ids"))}\n" }.joined()
            let answers = try Tool.run(
                "classify", TestFiles.fixture(golden.string("model")), "--adapter",
                TestFiles.fixture("adapters/\(name)"), "--jsonl", input: input
            ).objects()
            for (answer, text) in zip(answers, texts) {
                expectClose(
                    try answer.doubles("probabilities"), try text.doubles("probabilities"))
            }
        }
    }

    @Test("an adapter is trained, used unmerged, merged, and continued")
    func roundTrip() throws {
        let run = try makeRun("--epochs", "3", "--rank", "4", "--alpha", "8")
        try run.run("out").succeeded()
        let output = run.output("out")
        let configuration = try JSONValue.read(path: "\(output)/adapter_config.json")
        #expect(try configuration.int("r") == 4 && configuration.int("lora_alpha") == 8)
        #expect(configuration["fan_in_fan_out"]?.bool == true)
        #expect(configuration["base_model_name_or_path"]?.string == Self.model)
        let losses = try run.logLines("out").compactMap { $0["loss"]?.double }
        #expect(try #require(losses.last) < losses[0] - 1)
        let prompt = ["--prompt", "The light", "--max-new-tokens", "12", "--json"]
        let adapted = ["--adapter", output]
        let unmerged = try Tool.run(["generate", Self.model] + prompt + adapted).object()
        let plain = try Tool.run(["generate", Self.model] + prompt).object()
        try Tool.run("merge", Self.model, output, run.output("merged")).succeeded()
        let merged = try Tool.run(["generate", run.output("merged")] + prompt).object()
        let ids = try [unmerged, plain, merged].map { value in
            try #require(try value.elements("sequences").first).ints("ids")
        }
        #expect(ids[0] == ids[2] && ids[0] != ids[1])
        let speed = try Tool.run(
            ["bench", Self.model, "--prompt", "8", "--new", "4", "--repeat", "1", "--json"]
                + adapted
        ).object()
        #expect(try speed.double("decode_tokens_per_second") > 0)
        // The settings come with the adapter.
        #expect(try run.run("more", "--adapter", output).status == 64)
        let next = try makeRun("--epochs", "1", "--adapter", output)
        try next.run("next").succeeded()
        #expect(try next.logLines("next")[0].double("loss") < run.logLines("out")[0].double("loss"))
    }

    @Test("the threads change no bit")
    func threads() throws {
        let run = try makeRun("--steps", "8")
        for count in [1, 2, 3] { try run.run("\(count)", "--threads", "\(count)").succeeded() }
        #expect(try weights(run, "1") == weights(run, "2"))
        #expect(try weights(run, "1") == weights(run, "3"))
        #expect(try run.timelessLog("1") == run.timelessLog("3"))
    }

    @Test("a run killed again and again ends with the bytes of one that never was")
    func killed() throws {
        let run = try makeRun("--steps", "150", "--save-every", "3", "--seed", "5")
        _ = try run.runKilled(seed: 11)
        #expect(try weights(run, "killed") == weights(run, "whole"))
        try run.run("killed", "--resume", "--rank", "4")
            .failed(64, run.output("killed"), mentioning: "\"adapter\"")
    }

    @Test("--train head changes the head alone")
    func head() throws {
        let untied = TestFiles.fixture("decoders/llama")
        let folder = try TestFiles.temporaryFolder()
        let data = try Files.write("{\"ids\": [1, 2, 3, 4]}", to: folder.file("data.jsonl"))
        try Tool.run(
            "finetune", untied, "--data", data, "--out", folder.file("out"), "--train", "head",
            "--lr", "1e-2"
        ).succeeded()
        let outcome = try Tool.run("diff", untied, folder.file("out"), "--json")
        #expect(outcome.status == 1)
        let difference = try JSONValue.parse(ByteView(Array(outcome.output.utf8)))
        #expect(
            try difference.elements("differing").map { try $0.string("name") }
                == ["head.weight"])
    }

    @Test(
        "options that exclude each other",
        arguments: [
            ["--rank", "4"], ["--alpha", "2"], ["--rslora"], ["--target-modules", "c_fc"],
            ["--modules-to-save", "lm_head"], ["--adapter", "x"], ["--exclude-modules", "c_fc"],
            ["--layers-to-transform", "0"], ["--method", "lora", "--train", "head"],
            ["--method", "lora", "--rank", "0"], ["--method", "lora", "--alpha", "nan"],
            ["--method", "lora", "--layers-to-transform", "a"],
            ["--method", "lora", "--target-modules", "/(/"],
        ])
    func usage(_ options: [String]) throws {
        let run = try FinetuneRun(data: ["{\"ids\": [1, 2, 3]}"], [])
        let outcome = try Tool.run(run.arguments("out", options))
        #expect(outcome.status == 64 || options.last == "/(/" && outcome.status == 65)
        #expect(!Files.exists(run.output("out")))
    }

    @Test("modules that the model does not have")
    func modules() throws {
        let run = try makeRun("--target-modules", "q_proj")
        let outcome = try run.run("out")
        outcome.failed(64, Self.model, mentioning: "modules")
        #expect(outcome.errors.contains("c_attn, c_proj, c_fc"))
    }

    @Test("merge refuses what it cannot do")
    func merge() throws {
        let folder = try TestFiles.temporaryFolder()
        let (model, adapter) = (
            TestFiles.fixture("decoders/gpt2"), TestFiles.fixture("adapters/gpt2-all")
        )
        let out = folder.file("out")
        try Tool.run("merge", model, folder.file("none"), out)
            .failed(66, "\(folder.file("none"))/adapter_config.json")
        try Tool.run("merge", TestFiles.fixture("decoders/llama"), adapter, out)
            .failed(65, "\(adapter)/adapter_config.json", mentioning: "target_modules")
        #expect(!Files.exists(out))
        try Tool.run("merge", model, adapter, out).succeeded()
        let before = try Files.listing(out)
        try Tool.run("merge", model, adapter, out).failed(73, out)
        #expect(try Files.listing(out) == before)
        try Tool.run("merge", model, adapter, out, "--force").succeeded()
        #expect(try Files.listing(folder.path).contains { $0.hasPrefix(".") } == false)
    }

    @Test("a merge killed at any moment leaves the old checkpoint or the new one")
    func killedMerge() throws {
        let folder = try TestFiles.temporaryFolder()
        let (model, adapter) = (
            TestFiles.fixture("decoders/gpt2"), TestFiles.fixture("adapters/gpt2-all")
        )
        let out = folder.file("out")
        for delay in 0..<12 {
            let process = try Tool.start(["merge", model, adapter, out])
            Thread.sleep(forTimeInterval: 0.002 * Double(delay))
            process.signal(SIGKILL)
            _ = try process.wait()
            guard Files.exists(out) else { continue }
            try Tool.run("inspect", out, "--json").succeeded()
            try Files.remove(out)
        }
        try Tool.run("merge", model, adapter, out).succeeded()
        // What the killed ones left goes with the next one.
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out"])
    }
}
