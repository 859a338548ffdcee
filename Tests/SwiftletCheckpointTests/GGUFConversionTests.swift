import SwiftletBytes
import SwiftletGGUF
import Testing
import _SwiftletTestSupport

@testable import SwiftletCheckpoint

@Suite("Converting from and to GGUF")
struct GGUFConversionTests {
    private func path(_ name: String) -> String { TestFiles.fixture("gguf-models/\(name).gguf") }

    @Test("a folder made of a file has its tensors and sizes", arguments: GGUFModelTests.plain)
    func folders(_ name: String) throws {
        let folder = try TestFiles.temporaryFolder()
        let target = folder.file("out")
        let summary = try CheckpointConverter.convert(source: path(name), destination: target)
        let other = TestFiles.fixture("decoders/\(name)")
        let (own, golden) = (try Checkpoint(path: target), try Checkpoint(path: other))
        #expect(try CheckpointComparison.compare(own, golden).isEqual)
        let names = own.tensors.map(\.name)
        #expect(names.sorted() == golden.tensors.map(\.name).sorted())
        #expect(own.configuration?.dimensions == golden.configuration?.dimensions)
        #expect(summary.notes.isEmpty, "\(summary.notes)")
        let settings = try JSONValue.read(path: "\(target)/generation_config.json")
        #expect(settings["eos_token_id"]?.int != nil)
    }

    @Test(
        "quantized tensors become singles unless told",
        arguments: ["llama-llama3-q4_1", "gpt2-q5_0", "gpt_neox-q4_0", "qwen3-q8_0"])
    func quantized(_ name: String) throws {
        let folder = try TestFiles.temporaryFolder()
        let source = try Checkpoint(path: path(name))
        let summary = try CheckpointConverter.convert(
            source: path(name), destination: folder.file("out"))
        #expect(
            summary.notes.contains { $0.hasPrefix("quantized tensors (") && $0.contains("F32") })
        let whole = try Checkpoint(path: folder.file("out"))
        #expect(try CheckpointComparison.compare(whole, source).isEqual)
        #expect(whole.tensors.allSatisfy { $0.dtype.block == nil })
        let half = try CheckpointConverter.convert(
            source: path(name), destination: folder.file("half"), dtype: .bf16)
        #expect(!half.notes.contains { $0.hasPrefix("quantized") })
        let rounded = try Checkpoint(path: folder.file("half"))
        #expect(rounded.tensors.allSatisfy { $0.dtype == .bf16 })
        #expect(try CheckpointComparison.compare(rounded, whole, rtol: 0.004).isEqual)
    }

    @Test(
        "a file made of a folder is the one that the gguf package writes",
        arguments: GGUFModelTests.plain)
    func files(_ name: String) throws {
        let folder = try TestFiles.temporaryFolder()
        let target = folder.file("out.gguf")
        _ = try CheckpointConverter.convert(
            source: TestFiles.fixture("decoders/\(name)"), destination: target)
        let (own, golden) = (try GGUFFile(path: target), try GGUFFile(path: path(name)))
        #expect(own.tensors.map(\.name).sorted() == golden.tensors.map(\.name).sorted())
        for tensor in own.tensors {
            let other = try #require(golden[tensor.name])
            #expect(tensor.dtype == other.dtype && tensor.shape == other.shape, "\(tensor.name)")
            if tensor.name == "rope_freqs.weight" {
                expectClose(try tensor.floats(), try other.floats().map(Double.init), within: 1e-5)
            } else {
                #expect(try tensor.bytes.copy() == other.bytes.copy(), "\(tensor.name)")
            }
        }
        let architecture = try #require(golden.value("general.architecture")?.text)
        for (key, field) in golden.fields where key.hasPrefix("\(architecture).") {
            #expect(own.field(key) == field, "\(key)")
        }
    }

    @Test(
        "all dtypes are written, vectors as singles", arguments: [TargetPrecision.f16, .bf16, .q8])
    func dtypes(_ precision: TargetPrecision) throws {
        let folder = try TestFiles.temporaryFolder()
        let target = folder.file("out.gguf")
        let summary = try CheckpointConverter.convert(
            source: TestFiles.fixture("decoders/llama-2"), destination: target, dtype: precision)
        let file = try GGUFFile(path: target)
        for tensor in file.tensors {
            let isVector = tensor.shape.count == 1
            let isWhole = tensor.shape.last?.isMultiple(of: 32) == true
            let expected = isVector ? .f32 : precision == .q8 && !isWhole ? .f16 : precision.dtype
            #expect(tensor.dtype == expected, "\(tensor.name)")
        }
        let types: [TargetPrecision: Int] = [.f16: 1, .bf16: 32, .q8: 7]
        #expect(file.value("general.file_type")?.integer == types[precision])
        #expect(summary.notes.contains { $0.contains("ffn_down") } == (precision == .q8))
        let comparison = try CheckpointComparison.compare(
            Checkpoint(path: target), Checkpoint(path: TestFiles.fixture("decoders/llama-2")),
            atol: 0.02)
        #expect(comparison.isEqual, "\(comparison)")
    }

    @Test("blocks go from file to file unchanged")
    func blocks() throws {
        let folder = try TestFiles.temporaryFolder()
        for name in ["llama-llama3-q4_1", "gpt2-q5_0", "gpt_neox-q4_0"] {
            let target = folder.file("\(name).gguf")
            _ = try CheckpointConverter.convert(source: path(name), destination: target)
            let (own, golden) = (try GGUFFile(path: target), try GGUFFile(path: path(name)))
            for tensor in golden.tensors where tensor.name != "rope_freqs.weight" {
                let copy = try #require(own[tensor.name])
                #expect(copy.dtype == tensor.dtype, "\(tensor.name)")
                #expect(try copy.bytes.copy() == tensor.bytes.copy(), "\(tensor.name)")
            }
        }
    }

    @Test(
        "what llama.cpp computes differently is refused by name",
        arguments: [
            ("gpt2-unscaled", "scale_attn_weights"), ("gpt2-relu", "activation_function"),
            ("gpt2-inverse-layer-scale", "scale_attn_by_inverse_layer_idx"),
            ("llama-biases", "hidden_act"), ("llama-dynamic", "rope_type"), ("opt", "opt"),
            ("llama-classes", "architectures"), ("gpt_neox-no-attention-bias", "attention_bias"),
        ])
    func refusals(_ name: String, _ word: String) throws {
        let folder = try TestFiles.temporaryFolder()
        let error = #expect(throws: SwiftletError.self) {
            try CheckpointConverter.convert(
                source: TestFiles.fixture("decoders/\(name)"), destination: folder.file("out.gguf"))
        }
        #expect(error?.code.kind == .unsupported)
        #expect(error?.description.contains(word) == true, "\(error as Any)")
        #expect(!FileSystem.somethingIs(at: folder.file("out.gguf")))
    }

    @Test("what llama.cpp does not load is said")
    func outputBiases() throws {
        let folder = try TestFiles.temporaryFolder()
        for source in [TestFiles.fixture("decoders/qwen3-tied"), path("qwen3-tied")] {
            let target = folder.file("\(FileSystem.name(source))-out.gguf")
            let summary = try CheckpointConverter.convert(source: source, destination: target)
            let note = try #require(summary.notes.first { $0.contains("attn_output.bias") })
            #expect(note.contains("refuses the file"))
            let comparison = try CheckpointComparison.compare(
                Checkpoint(path: target), Checkpoint(path: source))
            #expect(comparison.isEqual, "\(comparison)")
        }
    }

    @Test(
        "a tokenizer that cannot be translated does not keep the weights back, and is missed aloud")
    func lostTokenizer() throws {
        let (made, source) = try GGUFModelTests.changed(
            "llama",
            [
                "tokenizer.ggml.model": .string("gpt2"), "tokenizer.ggml.pre": .string("novelty"),
                "tokenizer.ggml.tokens": .strings(["a", "b"]),
            ])
        defer { withExtendedLifetime(made) {} }
        let target = made.file("out")
        let summary = try CheckpointConverter.convert(source: source, destination: target)
        #expect(summary.hasTokenizer == false)
        let notes = summary.notes.filter { $0.contains("tokenizer") }
        #expect(notes.count == 1, "\(summary.notes)")
        for part in [
            "tokenizer.json", "tokenizer_config.json", "no tokenizer is written", "novelty",
        ] {
            #expect(notes.first?.contains(part) == true, "\(notes)")
        }
        let files = try FileSystem.names(in: target)
        #expect(files.contains("model.safetensors") && files.contains("config.json"))
        #expect(!files.contains { $0.hasPrefix("tokenizer") })
    }

    @Test(
        "the summary says whether there is a tokenizer",
        arguments: [
            ("gpt2-tiny", "out", true), ("gpt2-tiny", "out.gguf", true),
            ("gpt2-tiny", "out.safetensors", nil), ("decoders/qwen3-tied", "out", false),
            ("decoders/qwen3-tied", "out.gguf", false),
        ] as [(String, String, Bool?)])
    func tokenizers(_ source: String, _ target: String, _ expected: Bool?) throws {
        let folder = try TestFiles.temporaryFolder()
        let summary = try CheckpointConverter.convert(
            source: TestFiles.fixture(source), destination: folder.file(target))
        #expect(summary.hasTokenizer == expected)
    }

    @Test("q8_0 and folders are refused where they have no form")
    func usage() throws {
        let folder = try TestFiles.temporaryFolder()
        let source = TestFiles.fixture("decoders/llama-2")
        for (target, format, dtype) in [
            ("out", TargetFormat?.none, TargetPrecision.q8), ("out", .gguf, .keep),
            ("out.safetensors", .gguf, .keep),
        ] {
            let error = #expect(throws: SwiftletError.self) {
                try CheckpointConverter.convert(
                    source: source, destination: folder.file(target), format: format, dtype: dtype)
            }
            #expect(error?.code == .usage)
        }
        // A single file of weights has no configuration.
        #expect(throws: SwiftletError.self) {
            try CheckpointConverter.convert(
                source: "\(source)/model.safetensors", destination: folder.file("out.gguf"))
        }
        #expect(try FileSystem.names(in: folder.path).isEmpty)
    }
}
