import SwiftletBytes
import SwiftletCheckpoint
import Testing
import _SwiftletTestSupport

@Suite("Configurations")
struct ModelConfigurationTests {
    private func read(_ text: String) throws -> ModelConfiguration {
        let folder = try TestFiles.temporaryFolder()
        try AtomicFile.write(Array(text.utf8), to: folder.file("config.json"))
        return try ModelConfiguration(path: folder.path)
    }

    private func failure(_ text: String) throws -> SwiftletError? {
        do {
            _ = try read(text)
            return nil
        } catch let error as SwiftletError {
            return error
        }
    }

    @Test("the sizes of a GPT-2")
    func tiny() throws {
        for path in ["gpt2-tiny", "gpt2-tiny/config.json"] {
            let tiny = try ModelConfiguration(path: fixture(path))
            #expect(tiny.family == "gpt2")
            #expect(
                tiny.dimensions == [
                    "vocabularySize": 512, "hiddenSize": 48, "layerCount": 3, "headCount": 4,
                    "headSize": 12, "feedForwardSize": 192, "contextLength": 64,
                ])
            #expect(tiny.tiesHead)
            #expect(tiny.architecture == "GPT2LMHeadModel")
            #expect(tiny.object.pairs.first?.key == "activation_function")
            #expect(try tiny.dimension("headSize") == 12)
            #expect(throws: SwiftletError(.defect, "")) { try tiny.dimension("keyCount") }
        }
        let variant = try ModelConfiguration(path: fixture("gpt2-variant"))
        #expect(variant.dimensions["feedForwardSize"] == 72)
        #expect(!variant.tiesHead)
    }

    @Test("sizes missing from a configuration are those of the original GPT-2")
    func defaults() throws {
        let model = try read(#"{"model_type": "gpt2"}"#)
        #expect(
            model.dimensions == [
                "vocabularySize": 50257, "hiddenSize": 768, "layerCount": 12, "headCount": 12,
                "headSize": 64, "feedForwardSize": 3072, "contextLength": 1024,
            ])
        #expect(model.tiesHead)
        #expect(model.architecture == nil)
        #expect(model.initializerRange == 0.02)
        // The number on the model card.
        #expect(model.parameterCount == 124_439_808)
        #expect(
            try read(#"{"model_type": "gpt2", "hidden_size": 24, "n_inner": 5}"#)
                .dimensions["hiddenSize"] == 24)
    }

    @Test("an untied head is counted, unless the class has none")
    func heads() throws {
        let untied = try read(#"{"model_type": "gpt2", "tie_word_embeddings": false}"#)
        #expect(untied.parameterCount == 124_439_808 + 50257 * 768)
        let bare = try read(
            #"{"model_type":"gpt2","tie_word_embeddings":false,"architectures":["GPT2Model"]}"#)
        #expect(bare.parameterCount == 124_439_808)
    }

    @Test("a missing file, not JSON, not an object")
    func files() throws {
        let folder = try TestFiles.temporaryFolder()
        for path in [folder.path, folder.file("config.json")] {
            do throws(SwiftletError) {
                _ = try ModelConfiguration(path: path)
                Issue.record("accepted")
            } catch {
                #expect(error.code.kind == .noInput)
                #expect(error.file == folder.file("config.json"))
            }
        }
        #expect(try failure("{")?.code == .json)
        #expect(try failure("")?.code.kind == .badData)
        #expect(try failure("[]")?.code == .configurationForm)
    }

    @Test("unknown families, with the known ones in the hint")
    func families() throws {
        for text in [
            "{}", #"{"model_type": "mamba"}"#, #"{"model_type": ""}"#, #"{"model_type":"gpt3"}"#,
        ] {
            let error = try #require(try failure(text))
            #expect(error.code == .unknownFamily)
            #expect(error.code.kind.rawValue == 69)
            #expect(
                error.hint == "known families: gpt2, gpt_neox, llama, opt, qwen, qwen2, qwen3")
        }
        #expect(try failure(#"{"model_type": 2}"#)?.code == .configurationValue)
        #expect(throws: SwiftletError(.unknownFamily, "")) { try NameMap(family: "mamba") }
    }

    @Test(
        "invalid sizes are named by their key",
        arguments: [
            (#""n_embd": 0"#, "n_embd"), (#""n_embd": -768"#, "n_embd"),
            (#""n_embd": 768.0"#, "n_embd"), (#""n_embd": "768""#, "n_embd"),
            (#""n_embd": null"#, "n_embd"), (#""n_head": 5"#, "n_embd"),
            (#""n_head": 1000"#, "n_embd"), (#""vocab_size": 99999999999"#, "vocab_size"),
            (#""vocab_size": 1e400"#, "vocab_size"),
            (#""n_positions": 99999999999999999999"#, "n_positions"),
            (#""n_layer": 10001"#, "n_layer"), (#""n_inner": 0"#, "n_inner"),
            (#""n_layer": []"#, "n_layer"), (#""tie_word_embeddings": 1"#, "tie_word_embeddings"),
            (#""initializer_range": -1"#, "initializer_range"),
            (#""initializer_range": 1e999"#, "initializer_range"),
            (#""n_embd": 2147483640"#, "n_inner"),
        ])
    func sizes(_ field: String, _ key: String) throws {
        let error = try #require(try failure(#"{"model_type": "gpt2", \#(field)}"#))
        #expect(error.code == .configurationValue)
        #expect(error.code.kind.rawValue == 65)
        #expect(error.place == "key \"\(key)\"", "\(error)")
    }

    @Test("a model too large to count")
    func tooLarge() throws {
        let error = try #require(
            try failure(
                #"{"model_type": "gpt2", "n_embd": 2147483640, "n_inner": 2147483640}"#))
        #expect(error.code == .configurationValue)
    }

    @Test("unsupported keys that change the model")
    func refused() throws {
        let error = try failure(#"{"model_type": "gpt2", "add_cross_attention": true}"#)
        #expect(error?.code == .unsupportedKey)
        #expect(error?.code.kind == .unsupported)
        _ = try read(#"{"model_type": "gpt2", "add_cross_attention": false}"#)
    }
}
