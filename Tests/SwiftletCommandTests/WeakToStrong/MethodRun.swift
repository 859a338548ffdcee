import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// A run of the method on tiny models and a few utterances of the demo, in a temporary folder.
struct MethodRun {
    let folder: TemporaryFolder

    /// The models' tokenizers, by the models' names.
    private static let tokenizers = [
        "gpt2": ["bpe-small/tokenizer.json", "bpe-small/tokenizer_config.json"],
        "neox": ["bpe-families/neox/tokenizer.json", "bpe-families/neox/tokenizer_config.json"],
        "llama": ["sentencepiece/bpe-bytes.model"],
    ]

    /// Slot filling with every kind of stage: two weak models, the strong one, a preference stage.
    static let sequences = """
        task: slurp
        prompt: short
        data:
          train: train.jsonl
          split: {weak: 16, strong: 12}
          test: test.jsonl
          test_limit: 8
        training: {save_every: 2, lr: 3e-3, batch_size: 4, micro_batch_size: 2, epochs: 2}
        weak: {models: [{name: gpt2, model: gpt2}, {name: neox, model: neox}]}
        strong: {model: llama}
        labels: {beams: 2, max_new_tokens: 16}
        students: {methods: [single, naive, joint, bayesian], aux: [true], confidence: [product]}
        preference: {from: {method: joint}, training: {epochs: 1, lr: 1e-5}}
        evaluation: {max_new_tokens: 16}
        significance: {samples: 100}

        """

    /// Classes, with two seeds and every student.
    static let classes = """
        task: classify
        data: {train: rows.jsonl, split: {weak: 16, strong: 12}, test: rows.jsonl, test_limit: 8}
        seeds: [0, 3]
        training: {save_every: 2, lr: 3e-3, batch_size: 4, micro_batch_size: 2, epochs: 2}
        weak: {models: [{name: gpt2, model: gpt2}, {name: neox, model: neox}]}
        strong: {model: llama}
        students: {methods: [single, naive, bayesian], aux: [false, true]}
        significance: {samples: 100}

        """

    /// Makes models, data and a configuration.
    init(_ configuration: String) throws {
        folder = try TestFiles.temporaryFolder()
        for name in ["train", "test"] {
            _ = try Files.copy(
                "weak-to-strong-demo/\(name).jsonl", to: folder.file("\(name).jsonl"))
        }
        let rows = try Files.text(folder.file("train.jsonl")).split(separator: "\n")
            .prefix(40).map { line in
                let sentence = try #require(
                    try JSONValue.parse(ByteView(Array(line.utf8)))["sentence"]?.string)
                let label = sentence.hasPrefix("t") ? "house" : "other"
                return "{\"text\":\"\(sentence)\",\"label\":\"\(label)\"}\n"
            }
        try Files.write(rows.joined(), to: folder.file("rows.jsonl"))
        for (name, files) in Self.tokenizers {
            let config = TestFiles.fixture("weak-to-strong-demo/\(name).json")
            try Tool.run("init", config, folder.file(name), "--seed", "1").succeeded()
            for file in files {
                let target = file.hasSuffix(".model") ? "tokenizer.model" : FileSystem.name(file)
                _ = try Files.copy(file, to: folder.file("\(name)/\(target)"))
            }
        }
        try write(configuration)
    }

    /// Replaces the configuration.
    func write(_ configuration: String) throws {
        try Files.write(configuration, to: folder.file("study.yaml"))
    }

    /// The arguments of a run into a folder.
    func arguments(_ out: String, _ more: [String] = []) -> [String] {
        ["weak-to-strong", "run", folder.file("study.yaml"), "--out", folder.file(out)] + more
    }

    /// Runs into a folder.
    @discardableResult
    func run(_ out: String, _ more: String...) throws -> Outcome {
        try Tool.run(arguments(out, more))
    }

    /// A file of a run.
    func path(_ out: String, _ file: String) -> String { folder.file("\(out)/\(file)") }

    /// The bytes of every output, by path, without what depends on the clock: logs and records have
    /// times, and the report shows them.
    func outputs(_ out: String) throws -> [String: [UInt8]] {
        var outputs: [String: [UInt8]] = [:]
        let root = folder.file(out)
        for case let name as String in try #require(FileManager.default.enumerator(atPath: root)) {
            let timed = name.hasSuffix("log.jsonl") || name.hasSuffix("stage.json")
            guard FileSystem.isFile("\(root)/\(name)"), !timed, !name.contains("report/") else {
                continue
            }
            outputs[name] = try Files.read("\(root)/\(name)")
        }
        return outputs
    }

    /// The stages of a dry run that would run, by name.
    func open(_ out: String) throws -> [String] {
        let plan = try run(out, "--dry-run", "--json").object()
        return try #require(plan["stages"]?.array).compactMap { stage in
            stage["status"]?.string == "done" ? nil : stage["stage"]?.string
        }
    }
}
