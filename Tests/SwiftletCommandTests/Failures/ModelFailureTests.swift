import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// Models and files that are missing, damaged or unsupported.
struct ModelFailureTests {
    private let folder: TemporaryFolder
    private let model: String

    init() throws {
        folder = try TestFiles.temporaryFolder()
        model = try Files.copy("gpt2-tiny", to: folder.file("model"))
    }

    /// Every command that opens a model, with `path` as the model.
    private func commands(_ path: String) throws -> [[String]] {
        let data = try Files.write("{\"ids\": [1, 2]}", to: folder.file("data.jsonl"))
        return [
            ["inspect", path], ["convert", path, folder.file("out")], ["diff", path, path],
            ["score", path, "a"], ["generate", path, "--prompt", "a"],
            ["finetune", path, "--data", data, "--out", folder.file("out")],
        ]
    }

    /// Expects every command to refuse `path` and to leave nothing behind.
    private func allFail(
        _ path: String, _ status: Int32, _ file: String, mentioning words: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for command in try commands(path) {
            let before = try Files.listing(folder.path)
            try Tool.run(command).failed(
                status, "\(file): ", mentioning: words, sourceLocation: sourceLocation)
            #expect(
                try Files.listing(folder.path) == before, "\(command)",
                sourceLocation: sourceLocation)
        }
    }

    @Test("a missing model")
    func missing() throws {
        let path = folder.file("nothing")
        try allFail(path, 66, path)
        for command in ["tokenize", "detokenize"] {
            try Tool.run(command, path, "1").failed(66, "\(path): ")
        }
        try Tool.run("init", path, folder.file("out")).failed(66, "\(path): ")
    }

    @Test("a folder without weights, and one without a configuration")
    func incomplete() throws {
        try Files.remove("\(model)/config.json")
        for command in ["score", "generate", "finetune"] {
            let arguments = try #require(try commands(model).first { $0[0] == command })
            try Tool.run(arguments).failed(66, "\(model): ", mentioning: "config.json")
        }
        try Files.remove("\(model)/model.safetensors")
        try allFail(model, 66, model)
    }

    @Test("missing data")
    func missingData() throws {
        let path = folder.file("nothing")
        try Tool.run("finetune", model, "--data", path, "--out", folder.file("out"))
            .failed(66, "\(path): ")
        try Tool.run("score", model, "--jsonl", "--input", path).failed(66, "\(path): ")
        try Tool.run("tokenize", model, "--count", "--input", path).failed(66, "\(path): ")
        #expect(!Files.exists(folder.file("out")))
    }

    @Test("bytes that are not a safetensors file")
    func wrongMagic() throws {
        let weights = "\(model)/model.safetensors"
        try Files.write("This is a text and no checkpoint at all.", to: weights)
        try allFail(model, 65, weights)
        let file = try Files.write([0xFF, 0xFF, 0xFF], to: folder.file("lone.safetensors"))
        try Tool.run("inspect", file).failed(65, "\(file): ")
        let archive = try Files.write([0x50, 0x4B, 3, 4, 0, 0], to: folder.file("lone.bin"))
        try Tool.run("inspect", archive).failed(65, "\(archive): ", mentioning: "end-of-directory")
    }

    @Test("weights that end early", arguments: [0, 7, 8, 3000, 5000, 453_999])
    func truncated(_ count: Int) throws {
        let weights = "\(model)/model.safetensors"
        try Files.truncate(weights, to: count)
        try allFail(model, 65, weights)
    }

    @Test("weights with an extra byte")
    func tooLong() throws {
        let weights = "\(model)/model.safetensors"
        try Files.write(try Files.read(weights) + [0], to: weights)
        try allFail(model, 65, weights)
    }

    @Test("a configuration of an unknown family")
    func unknownFamily() throws {
        let config = "\(model)/config.json"
        try Files.write(
            try Files.text(config).replacing("\"gpt2\"", with: "\"mamba\""), to: config)
        try allFail(model, 69, config, mentioning: "mamba")
        try Tool.run("init", config, folder.file("out")).failed(69, config, mentioning: "mamba")
        #expect(!Files.exists(folder.file("out")))
    }

    @Test("an unsupported key that changes the numbers")
    func unsupportedKey() throws {
        let config = "\(model)/config.json"
        let text = try Files.text(config)
        try Files.write(
            text.replacing("\"add_cross_attention\": false", with: "\"add_cross_attention\": true"),
            to: config)
        try allFail(model, 69, config, mentioning: "add_cross_attention")
        try Tool.run("init", model, folder.file("out"))
            .failed(69, config, mentioning: "add_cross_attention")
        try Files.write(text.replacing("\"gelu_new\"", with: "\"tanh3\""), to: config)
        try Tool.run("score", model, "a")
            .failed(69, config, mentioning: "activation_function", "tanh3")
    }

    @Test("a malformed configuration, and one that makes no sense")
    func badConfiguration() throws {
        let config = "\(model)/config.json"
        let text = try Files.text(config)
        for broken in ["", "{", "[]", "\u{FFFD}", text + "x"] {
            try Files.write(broken, to: config)
            try allFail(model, 65, config)
        }
        for (key, value) in [
            ("\"n_head\": 4", "\"n_head\": 5"), ("\"n_head\": 4", "\"n_head\": 0"),
            ("\"n_embd\": 48", "\"n_embd\": 1e99"), ("\"n_layer\": 3", "\"n_layer\": -1"),
            ("\"n_embd\": 48", "\"n_embd\": 4611686018427387904"),
        ] {
            #expect(text.contains(key))
            try Files.write(text.replacing(key, with: value), to: config)
            try allFail(model, 65, config)
        }
    }

    @Test("incomplete and malformed tokenizer files")
    func tokenizers() throws {
        try Files.remove("\(model)/tokenizer.json")
        try Files.remove("\(model)/merges.txt")
        try Tool.run("tokenize", model, "a").failed(65, "\(model): ", mentioning: "merges.txt")
        try Tool.run("score", model, "a").failed(65, "\(model): ", mentioning: "merges.txt")
        // With ids no tokenizer is needed.
        let answer = try Tool.run("score", model, "--jsonl", input: "{\"ids\": [1, 2]}").object()
        #expect(try answer.int("tokens") == 1)

        try Files.remove("\(model)/vocab.json")
        try Tool.run("tokenize", model, "a").failed(66, "\(model): ")
        let file = try Files.write("{\"model\": {", to: "\(model)/tokenizer.json")
        try Tool.run("tokenize", model, "a").failed(65, "\(file): ")
        try Files.write("{\"model\": {\"type\": \"WordPiece\"}}", to: file)
        try Tool.run("tokenize", model, "a").failed(69, "\(file): ", mentioning: "WordPiece")
    }
}
