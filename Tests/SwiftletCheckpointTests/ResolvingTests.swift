import SwiftletBytes
import SwiftletCheckpoint
import SwiftletHDF5
import Testing
import _SwiftletTestSupport

@Suite("Resolving checkpoints")
struct ResolvingTests {
    @Test(
        "all fixtures are complete",
        arguments: [
            "gpt2-tiny", "gpt2-tiny-f16", "gpt2-tiny-bf16", "gpt2-tiny-legacy", "gpt2-variant",
        ]
    )
    func fixtures(_ name: String) throws {
        let checkpoint = try Checkpoint(path: fixture(name))
        #expect(checkpoint.format == "safetensors")
        #expect(checkpoint.family == "gpt2")
        let configuration = try #require(checkpoint.configuration)
        let resolved = try checkpoint.resolved(configuration)
        try resolved.validate()
        #expect(resolved.isComplete)
        let layers = try configuration.dimension("layerCount")
        #expect(resolved.tensors.count == 12 * layers + 4 + (resolved.tiesHead ? 0 : 1))
        #expect(resolved.tiesHead == (name != "gpt2-variant"))
        let head = try resolved.required("head.weight")
        #expect(
            head.shape == [
                configuration.dimensions["vocabularySize"], configuration.dimensions["hiddenSize"],
            ])
        let stored = resolved.tensors.values.reduce(0) { $0 + $1.elementCount }
        #expect(stored == configuration.parameterCount)
        #expect(try checkpoint.parameterCount() == stored)
    }

    @Test("the oldest files: no prefix, mask buffers, a duplicate head")
    func legacy() throws {
        let checkpoint = try Checkpoint(path: fixture("gpt2-tiny-legacy"))
        let resolved = try checkpoint.resolved(try #require(checkpoint.configuration))
        #expect(resolved.ignored.count == 6)
        #expect(resolved.tiedDuplicate == "lm_head.weight")
        #expect(resolved.tensors["head.weight"] == nil)
        #expect(resolved.notes.count == 1)
        #expect(
            try resolved.required("layers.2.feedForward.down.bias").name == "h.2.mlp.c_proj.bias")
        #expect(throws: SwiftletError(.tensorMismatch, "")) { try resolved.required("layers.3.x") }
    }

    @Test("all faults are reported at once")
    func wrong() throws {
        var model = try TinyModel()
        try model.remove("transformer.h.1.ln_2.bias")
        try model.remove("transformer.wpe.weight")
        let bias = try model.tensor("transformer.ln_f.bias")
        try model.remove("transformer.ln_f.bias")
        model.tensors.append(
            StoredTensor(
                name: bias.name, dtype: .f32, shape: [1, 48], bytes: try bias.bytes, file: "memory")
        )
        model.tensors.append(floats("transformer.h.3.ln_1.bias", [1]))
        model.tensors.append(floats("transformer.h.01.ln_1.bias", [1]))
        model.tensors.append(floats("score.weight", [1]))
        model.tensors.append(floats("ln_f.weight", [1]))
        let resolved = try model.resolved()
        #expect(
            Set(resolved.missing) == ["transformer.h.1.ln_2.bias", "transformer.wpe.weight"])
        #expect(
            Set(resolved.unexpected) == [
                "transformer.h.3.ln_1.bias", "transformer.h.01.ln_1.bias", "score.weight",
                "ln_f.weight",
            ])
        #expect(resolved.misshapen.map(\.name) == ["transformer.ln_f.bias"])
        #expect(resolved.misshapen.map(\.expected) == [[48]])
        #expect(resolved.misshapen.map(\.found) == [[1, 48]])
        #expect(!resolved.isComplete)
        do throws(SwiftletError) {
            try resolved.validate()
            Issue.record("valid")
        } catch {
            #expect(error.code == .tensorMismatch)
            #expect(error.code.kind.rawValue == 65)
            for name in resolved.missing + resolved.unexpected + ["transformer.ln_f.bias"] {
                #expect(error.reason.contains(name))
            }
        }
    }

    @Test("a tied head that is stored with other values is used, as in transformers 5")
    func differingHead() throws {
        var model = try TinyModel()
        let embedding = try model.tensor("transformer.wte.weight")
        var bytes = try embedding.bytes.copy()
        bytes[5] ^= 1
        model.tensors.append(
            StoredTensor(
                name: "lm_head.weight", dtype: .f32, shape: embedding.shape, bytes: ByteView(bytes),
                file: "memory"))
        let resolved = try model.resolved()
        try resolved.validate()
        #expect(!resolved.tiesHead)
        #expect(resolved.tiedDuplicate == nil)
        #expect(resolved.notes.count == 1)
        #expect(try resolved.required("head.weight").bytes.copy() == bytes)
    }

    @Test("a tied head replaces an embedding that is not stored")
    func headOnly() throws {
        var model = try TinyModel()
        let embedding = try model.tensor("transformer.wte.weight")
        try model.remove(embedding.name)
        model.tensors.append(embedding.renamed("lm_head.weight"))
        let resolved = try model.resolved()
        try resolved.validate()
        #expect(resolved.tiesHead)
        #expect(try resolved.required("tokenEmbedding.weight").name == "lm_head.weight")
        #expect(try resolved.required("head.weight").name == "lm_head.weight")
    }

    @Test("an untied head must be stored, unless the class has none")
    func untied() throws {
        var model = try TinyModel()
        model.configuration["tie_word_embeddings"] = .bool(false)
        #expect(try model.resolved().missing == ["lm_head.weight"])
        model.configuration["architectures"] = .array([.string("GPT2Model")])
        #expect(try model.resolved().isComplete)
        model.tensors.append(try model.tensor("transformer.wte.weight").renamed("lm_head.weight"))
        #expect(try model.resolved().unexpected == ["lm_head.weight"])
    }

    @Test("a single file has no configuration and is recognized by its names")
    func lone() throws {
        let tiny = try Checkpoint(path: fixture("gpt2-tiny/model.safetensors"))
        #expect(tiny.configuration == nil)
        #expect(tiny.family == "gpt2")
        let legacy = try Checkpoint(path: fixture("gpt2-tiny-legacy/model.safetensors"))
        #expect(legacy.family == "gpt2")
        #expect(try legacy.parameterCount() == tiny.parameterCount())
        let folder = try TestFiles.temporaryFolder()
        try write([floats("wte.weight", [1, 2])], to: folder.file("x.safetensors"))
        let other = try Checkpoint(path: folder.file("x.safetensors"))
        #expect(other.family == nil)
        #expect(try other.parameterCount() == 2)
    }

    @Test("folders without weights, and weights of other formats")
    func others() throws {
        func code(_ path: String) -> SwiftletError.Code? {
            do throws(SwiftletError) {
                _ = try Checkpoint(path: path)
                return nil
            } catch {
                return error.code
            }
        }
        let folder = try TestFiles.temporaryFolder()
        #expect(code(folder.path) == .noWeights)
        #expect(code(folder.file("none")) == .noSuchFile)
        #expect(code(folder.file("none.safetensors")) == .noSuchFile)
        try write([], to: folder.file("other.safetensors"))
        #expect(code(folder.path) == .noWeights)
        try AtomicFile.write(Array("flax".utf8), to: folder.file("flax_model.msgpack"))
        #expect(code(folder.path) == .unsupportedFormat)
        try AtomicFile.write(
            [0x89] + Array("HDF\r\n\u{1A}\n".utf8), to: folder.file("tf_model.h5"))
        #expect(code(folder.path) == .hdf5Short)
        #expect(code(folder.file("tf_model.h5")) == .hdf5Short)
        try AtomicFile.write([0x50, 0x4B, 3, 4, 0], to: folder.file("pytorch_model.bin"))
        #expect(code(folder.path)?.kind == .badData)
        #expect(code(folder.file("pytorch_model.bin"))?.kind == .badData)
        let index = folder.file("model.safetensors.index.json")
        try AtomicFile.write(Array("{}".utf8), to: index)
        #expect(code(folder.path) == .shardIndex)
        #expect(code(index) == .shardIndex)
        #expect(code(folder.file("pytorch_model.bin.index.json")) == .noSuchFile)
        try AtomicFile.write(Array("\u{89}HDF".utf8), to: folder.file("weights"))
        #expect(code(folder.file("weights"))?.kind == .badData)
        try write([], to: folder.file("model.safetensors"))
        #expect(code(folder.path) == nil)
        try AtomicFile.write(Array(#"{"model_type":"x"}"#.utf8), to: folder.file("config.json"))
        #expect(code(folder.path) == .unknownFamily)
    }
}
