import SwiftletBytes
import SwiftletCheckpoint
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

/// A variant of a family, as `fixtures/families` describes it.
struct FamilyVariant {
    let json: JSONValue
    let configuration: JSONObject
    let tensors: [StoredTensor]

    /// The names of all variants.
    static let names: [String] = {
        let names = (try? FileSystem.names(in: fixture("families"))) ?? []
        return names.filter { $0.hasSuffix(".json") && $0 != "real.json" }
            .map { String($0.dropLast(5)) }
    }()

    init(_ name: String) throws {
        json = try JSONValue.read(path: fixture("families/\(name).json"))
        configuration = try #require(json["config"]?.object)
        tensors = try json.elements("tensors").map { row in
            let name = try #require(row["name"]?.string)
            let shape = try row.elements("shape").map { try #require($0.int) }
            let module = name == "embed_out.weight" ? "lm_head.weight" : name
            let count = try #require(StoredTensor.elementCount(of: shape))
            let values = (0..<count).map { Float(($0 * 7 + module.utf8.count) % 251 - 125) / 64 }
            return floats(name, values, shape: shape)
        }
    }

    /// Writes the variant into a folder, with `tensors` in place of its own if given.
    func write(to folder: String, _ tensors: [StoredTensor]? = nil) throws {
        try FileSystem.createFolder(folder)
        let text = JSONValue.object(configuration).text(pretty: true)
        try AtomicFile.write(Array(text.utf8), to: "\(folder)/config.json")
        try SwiftletCheckpointTests.write(
            tensors ?? self.tensors, to: "\(folder)/model.safetensors",
            metadata: [("format", "pt")])
    }
}

/// The FNV-1a hash of a file, as the fixtures state it.
private func hash(_ path: String) throws -> String {
    let value = FNV1a(try TestFiles.bytes(path)).value
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}

@Suite("Families")
struct FamilyTests {
    @Test("the model has the tensors of transformers: names, shapes, count")
    func variants() throws {
        #expect(FamilyVariant.names.count == 33)
        for name in FamilyVariant.names {
            let variant = try FamilyVariant(name)
            let folder = try TestFiles.temporaryFolder()
            try variant.write(to: folder.path)
            let checkpoint = try Checkpoint(path: folder.path)
            let configuration = try #require(checkpoint.configuration)
            let resolved = try checkpoint.resolved(configuration)
            #expect(resolved.isComplete, "\(name): \(resolved.missing) \(resolved.unexpected)")
            #expect(resolved.misshapen.isEmpty && resolved.notes.isEmpty, "\(name)")
            #expect(resolved.tensors.count == variant.tensors.count, "\(name)")
            #expect(
                Set(resolved.modelTensors.map(\.tensor.name)) == Set(variant.tensors.map(\.name)))
            #expect(configuration.parameterCount == variant.json["parameters"]?.int, "\(name)")
            #expect(configuration.family == configuration.object["model_type"]?.string)
            // The names in a single file identify its family.
            let lone = try Checkpoint(path: folder.file("model.safetensors"))
            let isBare = name == "opt-bare"
            #expect(lone.family == (isBare ? "opt" : configuration.family), "\(name)")
        }
    }

    @Test("conversion writes the same files as save_pretrained", arguments: FamilyVariant.names)
    func conversion(_ name: String) throws {
        let variant = try FamilyVariant(name)
        let folder = try TestFiles.temporaryFolder()
        // With a name that old files do not have, and the tensors in another order.
        try variant.write(to: folder.file("in"), variant.tensors.reversed())
        let one = folder.file("one")
        _ = try CheckpointConverter.convert(source: folder.file("in"), destination: one)
        #expect(try hash("\(one)/model.safetensors") == variant.json["file"]?.string)

        let many = folder.file("many")
        let size = try ShardSize(try #require(variant.json["shard_size"]?.string))
        let summary = try CheckpointConverter.convert(
            source: one, destination: many, maxShardSize: size)
        let shards = try #require(variant.json["shards"]?.object)
        let files = try FileSystem.names(in: many).filter { $0.hasSuffix(".safetensors") }
        #expect(files == shards.pairs.map(\.key))
        for (file, expected) in shards.pairs {
            #expect(try hash("\(many)/\(file)") == expected.string, "\(file)")
        }
        let index = "\(many)/model.safetensors.index.json"
        if let text = variant.json["index"]?.string {
            #expect(String(decoding: try TestFiles.bytes(index), as: UTF8.self) == text)
        } else {
            #expect(!FileSystem.somethingIs(at: index))
        }
        #expect(
            summary.bytesOut
                == (try files.reduce(0) { $0 + (try TestFiles.bytes("\(many)/\($1)").count) }))

        // And back.
        let back = folder.file("back")
        let returned = try CheckpointConverter.convert(source: many, destination: back)
        #expect(returned.notes.isEmpty)
        #expect(try hash("\(back)/model.safetensors") == variant.json["file"]?.string)
        #expect(!FileSystem.somethingIs(at: "\(back)/model.safetensors.index.json"))
        let same = try CheckpointComparison.compare(
            Checkpoint(path: many), Checkpoint(path: folder.file("in/model.safetensors")))
        #expect(same.isEqual && same.compared == variant.tensors.count)
    }

    @Test(
        "fresh checkpoints have the tensors of transformers",
        arguments: FamilyVariant.names)
    func initialization(_ name: String) throws {
        let variant = try FamilyVariant(name)
        let folder = try TestFiles.temporaryFolder()
        try variant.write(to: folder.file("in"))
        _ = try CheckpointInitializer.initialize(
            configPath: folder.file("in"), folder: folder.file("out"),
            maxShardSize: ShardSize(try #require(variant.json["shard_size"]?.string)))
        let fresh = try Checkpoint(path: folder.file("out"))
        func list(_ tensors: [StoredTensor]) -> [String] {
            tensors.map { "\($0.name) \($0.shape)" }.sorted()
        }
        #expect(list(fresh.tensors) == list(variant.tensors))
        // The same shards as a conversion writes.
        let files = try FileSystem.names(in: folder.file("out"))
        #expect(
            files.filter { $0.hasSuffix(".safetensors") }
                == variant.json["shards"]?.object?.pairs.map(\.key))
    }

    @Test("parameter counts of models on the Hub and of empty configurations")
    func real() throws {
        let models = try JSONValue.read(path: fixture("families/real.json")).elements("models")
        #expect(models.count == 16)
        for model in models {
            let object = try #require(model["config"]?.object)
            let configuration = try ModelConfiguration(object: object, path: "config.json")
            #expect(
                configuration.parameterCount == model["parameters"]?.int,
                "\(model["name"]?.string ?? "")")
        }
        // Qwen's first generation, 1.8B, 7B and 14B: the sizes of their bfloat16 weights.
        for (hidden, layers, heads, intermediate, vocabulary, bytes) in [
            (2048, 24, 16, 11008, 151936, 3_673_657_344),
            (4096, 32, 32, 22016, 151936, 15_442_649_088),
            (5120, 40, 40, 27392, 152064, 28_334_581_760),
        ] {
            let configuration = try ModelConfiguration(
                object: [
                    "model_type": .string("qwen"), "hidden_size": JSONValue(hidden),
                    "num_hidden_layers": JSONValue(layers), "num_attention_heads": JSONValue(heads),
                    "intermediate_size": JSONValue(intermediate),
                    "vocab_size": JSONValue(vocabulary),
                ], path: "config.json")
            #expect(2 * configuration.parameterCount == bytes)
        }
    }

    @Test("names without prefix, buffers in old files, a head under its other name")
    func old() throws {
        for (name, prefix, buffers) in [
            (
                "gpt_neox", "gpt_neox.",
                [
                    "gpt_neox.layers.0.attention.bias", "layers.1.attention.masked_bias",
                    "gpt_neox.layers.1.attention.rotary_emb.inv_freq",
                ]
            ),
            ("llama", "model.", ["model.layers.1.self_attn.rotary_emb.inv_freq"]),
            ("qwen3", "model.", ["rotary_emb.inv_freq"]),
            ("opt", "model.", ["decoder.version"]),
            ("qwen", "transformer.", ["transformer.h.0.attn.masked_bias"]),
        ] {
            let variant = try FamilyVariant(name)
            let folder = try TestFiles.temporaryFolder()
            var tensors = variant.tensors.map { tensor in
                if tensor.name == "embed_out.weight" { return tensor.renamed("lm_head.weight") }
                return tensor.name.hasPrefix(prefix)
                    ? tensor.renamed(String(tensor.name.dropFirst(prefix.count))) : tensor
            }
            tensors += buffers.map { floats($0, [1]) }
            try variant.write(to: folder.file("in"), tensors)
            let summary = try CheckpointConverter.convert(
                source: folder.file("in"), destination: folder.file("out"))
            #expect(
                try hash(folder.file("out/model.safetensors")) == variant.json["file"]?.string,
                "\(name)")
            #expect(summary.notes.count == 1)
        }
    }

    @Test("a stored head that is tied: a duplicate is dropped, a different one is kept")
    func storedHeads() throws {
        for (name, head, embedding) in [
            ("gpt_neox-tied", "embed_out.weight", "gpt_neox.embed_in.weight"),
            ("llama-gqa-tied", "lm_head.weight", "model.embed_tokens.weight"),
            ("qwen2-tied", "lm_head.weight", "model.embed_tokens.weight"),
            ("qwen3-tied-biases", "lm_head.weight", "model.embed_tokens.weight"),
            ("opt-350m", "lm_head.weight", "model.decoder.embed_tokens.weight"),
            ("qwen-tied-biases", "lm_head.weight", "transformer.wte.weight"),
        ] {
            let variant = try FamilyVariant(name)
            let stored = try #require(variant.tensors.first { $0.name == embedding })
            func resolve(_ tensors: [StoredTensor]) throws -> ResolvedCheckpoint {
                let folder = try TestFiles.temporaryFolder()
                try variant.write(to: folder.path, tensors)
                let checkpoint = try Checkpoint(path: folder.path)
                return try checkpoint.resolved(try #require(checkpoint.configuration))
            }
            let repeated = try resolve(variant.tensors + [stored.renamed(head)])
            #expect(repeated.isComplete && repeated.tiedDuplicate == head, "\(name)")
            let ones = [Float](repeating: 1, count: stored.elementCount)
            let other = try resolve(variant.tensors + [floats(head, ones, shape: stored.shape)])
            #expect(other.isComplete && !other.tiesHead, "\(name)")
            let alone = try resolve(
                variant.tensors.filter { $0.name != embedding } + [stored.renamed(head)])
            #expect(alone.isComplete && alone.tiesHead, "\(name)")
        }
    }

    @Test("an untied head that is not stored is missing")
    func lostHead() throws {
        for name in ["gpt_neox", "llama", "qwen", "qwen2", "qwen3", "opt-350m-untied"] {
            let variant = try FamilyVariant(name)
            let folder = try TestFiles.temporaryFolder()
            let head = name == "gpt_neox" ? "embed_out.weight" : "lm_head.weight"
            try variant.write(to: folder.path, variant.tensors.filter { $0.name != head })
            let checkpoint = try Checkpoint(path: folder.path)
            let resolved = try checkpoint.resolved(try #require(checkpoint.configuration))
            #expect(resolved.missing == [head])
        }
    }

    @Test("tensors that a variant does not have are unexpected")
    func conditions() throws {
        for (name, tensor) in [
            ("opt", "model.decoder.project_in.weight"),
            ("opt-350m", "model.decoder.final_layer_norm.weight"),
            ("opt-no-final-norm", "model.decoder.final_layer_norm.bias"),
            ("llama", "model.layers.0.self_attn.q_proj.bias"),
            ("llama", "model.layers.0.self_attn.q_norm.weight"),
            ("qwen3", "model.layers.0.self_attn.k_proj.bias"),
            ("gpt_neox-no-attention-bias", "gpt_neox.layers.1.attention.dense.bias"),
            ("qwen", "transformer.h.0.mlp.w1.bias"),
            ("qwen2", "model.layers.0.self_attn.o_proj.bias"),
        ] {
            let variant = try FamilyVariant(name)
            let folder = try TestFiles.temporaryFolder()
            try variant.write(to: folder.path, variant.tensors + [floats(tensor, [1])])
            let checkpoint = try Checkpoint(path: folder.path)
            let resolved = try checkpoint.resolved(try #require(checkpoint.configuration))
            #expect(resolved.unexpected == [tensor], "\(name)")
            #expect(resolved.missing.isEmpty && resolved.misshapen.isEmpty)
        }
    }

    @Test("the row of the padding token starts as zeros")
    func padding() throws {
        for (key, row) in [("1", 1), ("-1", 39), ("null", nil), ("40", nil)] {
            let folder = try TestFiles.temporaryFolder()
            var object = try FamilyVariant("opt").configuration
            object["pad_token_id"] = try JSONValue.parse(ByteView(Array(key.utf8)))
            let text = JSONValue.object(object).text()
            try AtomicFile.write(Array(text.utf8), to: folder.file("config.json"))
            _ = try CheckpointInitializer.initialize(
                configPath: folder.path, folder: folder.file("out"))
            let file = try SafetensorsFile(path: folder.file("out/model.safetensors"))
            let values = try #require(file["model.decoder.embed_tokens.weight"]).floats()
            let zeros = (0..<40).filter { row in
                values[8 * row..<8 * row + 8].allSatisfy { $0 == 0 }
            }
            #expect(zeros == [row].compactMap { $0 })
        }
        // Llama has none unless the configuration names one.
        #expect(
            try ModelConfiguration(object: ["model_type": .string("llama")], path: "").paddingRow
                == nil)
    }

    @Test("quantized weights are different tensors")
    func quantised() throws {
        for family in NameMap.families {
            let names = try NameMap(family: family)
            var object: JSONObject = ["model_type": .string(names.modelTypes[0])]
            object["quantization_config"] = .null
            _ = try ModelConfiguration(object: object, path: "")
            object["quantization_config"] = .object(["quant_method": .string("awq")])
            #expect(throws: SwiftletError(.unsupportedKey, "")) {
                try ModelConfiguration(object: object, path: "")
            }
        }
    }
}
