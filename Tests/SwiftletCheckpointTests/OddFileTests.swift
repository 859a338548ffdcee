import SwiftletBytes
import SwiftletCheckpoint
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

/// Files whose bytes, dtypes or names are not the usual ones.
struct OddFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TestFiles.temporaryFolder() }

    private func copy(_ source: String, _ name: String) throws -> String {
        try AtomicFile.write(try TestFiles.bytes(fixture(source)), to: folder.file(name))
        return folder.file(name)
    }

    // MARK: dtypes

    @Test(
        "parameters of every dtype are cast to the bytes that save_pretrained writes",
        arguments: [("float32", TargetPrecision.f32), ("float16", .f16), ("bfloat16", .bf16)])
    func casts(_ name: String, _ precision: TargetPrecision) throws {
        let source = fixture("cast-dtypes")
        for (from, to) in [(source, "folder"), ("\(source)/model.safetensors", "one.safetensors")] {
            let summary = try CheckpointConverter.convert(
                source: from, destination: folder.file(to), dtype: precision)
            #expect(summary.tensors == 12)
            let file = to == "folder" ? folder.file("folder/model.safetensors") : folder.file(to)
            #expect(
                try TestFiles.bytes(file)
                    == TestFiles.bytes(fixture("cast-dtypes/\(name)/model.safetensors")))
        }
    }

    @Test("a model of every dtype equals its cast, and keeps its bytes without one")
    func keepsDTypes() throws {
        let source = fixture("cast-dtypes")
        _ = try CheckpointConverter.convert(source: source, destination: folder.file("kept"))
        let kept = try Checkpoint(path: folder.file("kept"))
        let dtypes = Set(kept.tensors.map(\.dtype))
        #expect(dtypes.isSuperset(of: [.f8e4m3, .f8e5m2, .i8, .i64, .bool, .f64, .f16, .f32]))
        let comparison = try CheckpointComparison.compare(
            Checkpoint(path: source), Checkpoint(path: folder.file("kept")))
        #expect(comparison.isEqual)
    }

    // MARK: Names that say something else

    @Test("a file is opened by its bytes, whatever its name says, and that is noted")
    func formatsByBytes() throws {
        for (source, name, format) in [
            ("gpt2-tiny/model.safetensors", "a.bin", "safetensors"),
            ("gpt2-tiny-f16-bin/pytorch_model.bin", "b.safetensors", "torch"),
            ("gpt2-tiny/model.safetensors", "c.h5", "safetensors"),
            ("hdf5/plain.h5", "d.safetensors", "hdf5"), ("hdf5/plain.h5", "e.pt", "hdf5"),
            ("gpt2-tiny-f16-bin/pytorch_model.bin", "f.h5", "torch"),
            ("gguf-models/gpt2.gguf", "g.bin", "gguf"),
            ("gpt2-tiny/model.safetensors", "h.gguf", "safetensors"),
        ] {
            #expect(try Checkpoint(path: copy(source, name)).format == format, "\(name)")
        }
        let config = try TestFiles.bytes(fixture("gpt2-tiny/config.json"))
        for name in ["pytorch_model.bin", "tf_model.h5"] {
            let model = folder.file("model-\(name)")
            try FileSystem.createFolder(model)
            try AtomicFile.write(config, to: "\(model)/config.json")
            _ = try copy("gpt2-tiny/model.safetensors", "model-\(name)/\(name)")
            let checkpoint = try Checkpoint(path: model)
            #expect(checkpoint.format == "safetensors")
            #expect(checkpoint.notes.contains("\(name) is a safetensors file by its bytes"))
        }
    }

    @Test("a pointer, a page, an empty or compressed file in the place of weights is named")
    func foreignWeights() throws {
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"
        for (name, bytes) in [
            ("model.safetensors", Array(pointer.utf8)), ("pytorch_model.bin", Array(pointer.utf8)),
            ("model.safetensors", Array("<!DOCTYPE html>".utf8)), ("tf_model.h5", []),
            ("pytorch_model.bin", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]),
        ] {
            for path in [folder.file(name), folder.path] {
                try AtomicFile.write(bytes, to: folder.file(name))
                let error = #expect(throws: SwiftletError.self) { try Checkpoint(path: path) }
                #expect(error?.code == .foreignContent, "\(name)")
                #expect(error?.hint != nil)
            }
            try FileSystem.remove(folder.file(name))
        }
    }

    // MARK: Wrapped models

    /// The tiny GPT-2 with other names.
    private func wrapped(_ name: (String) -> String, more: [StoredTensor] = []) throws -> TinyModel
    {
        var model = try TinyModel()
        model.tensors = model.tensors.map { $0.renamed(name($0.name)) } + more
        return model
    }

    @Test(
        "the prefix of a wrapped model is seen, said, and stripped on request",
        arguments: [
            "_orig_mod.", "module.", "model.", "model.model.", "base_model.model.", "state_dict.",
            "module._orig_mod.", "_fsdp_wrapped_module._orig_mod.", "student.",
        ])
    func prefixes(_ prefix: String) throws {
        try wrapped { prefix + $0 }.write(to: folder.file("in"))
        let plain = try Checkpoint(path: folder.file("in"))
        let configuration = try #require(plain.configuration)
        let error = #expect(throws: SwiftletError.self) {
            try plain.resolved(configuration).validate()
        }
        #expect(error?.code == .tensorMismatch)
        #expect(error?.hint?.contains("--strip-prefix") == true)
        #expect(plain.notes.contains { $0.contains("--strip-prefix") })
        let stripped = try Checkpoint(path: folder.file("in"), strippingPrefix: true)
        try stripped.resolved(configuration).validate()
        #expect(stripped.notes.contains { $0.hasPrefix("stripped from the names of") })
        for source in ["in", "in/model.safetensors"] {
            _ = try CheckpointConverter.convert(
                source: folder.file(source), destination: folder.file("out"), force: true,
                strippingPrefix: true)
            #expect(
                try CheckpointComparison.compare(
                    Checkpoint(path: folder.file("out")), Checkpoint(path: fixture("gpt2-tiny"))
                ).isEqual, "\(source)")
        }
    }

    @Test("parts that wrappers of single layers add are taken out wherever they are")
    func innerParts() throws {
        try wrapped { name in
            name.replacing("h.0.", with: "h.0._checkpoint_wrapped_module._orig_mod.")
        }.write(to: folder.file("in"))
        let stripped = try Checkpoint(path: folder.file("in"), strippingPrefix: true)
        try stripped.resolved(try #require(stripped.configuration)).validate()
    }

    @Test("tensors outside the wrapped model are left out, and named")
    func othersAreLeftOut() throws {
        try wrapped({ "model." + $0 }, more: [floats("optimizer.state.0.exp_avg", [1, 2])])
            .write(to: folder.file("in"))
        let stripped = try Checkpoint(path: folder.file("in"), strippingPrefix: true)
        try stripped.resolved(try #require(stripped.configuration)).validate()
        #expect(stripped.notes.contains { $0.contains("optimizer.state.0.exp_avg") })
    }

    @Test("nothing is stripped from names that fit, or where no model is left")
    func nothingToStrip() throws {
        let plain = try Checkpoint(path: fixture("gpt2-tiny"), strippingPrefix: true)
        #expect(!plain.notes.contains { $0.contains("stripped") })
        try write([floats("module.a", [1])], to: folder.file("a.safetensors"))
        let lone = try Checkpoint(path: folder.file("a.safetensors"), strippingPrefix: true)
        #expect(lone.tensors.map(\.name) == ["module.a"])
        #expect(lone.notes == [])
    }

    @Test("an error about names stays short")
    func shortErrors() throws {
        try wrapped { "unlike." + $0.replacing(".", with: "_") }.write(to: folder.file("in"))
        let checkpoint = try Checkpoint(path: folder.file("in"))
        let error = #expect(throws: SwiftletError.self) {
            try checkpoint.resolved(try #require(checkpoint.configuration)).validate()
        }
        #expect(error?.hint == nil)
        #expect((error?.description.utf8.count ?? .max) < 1000)
    }

    // MARK: HDF5

    @Test("datasets that hold no numbers are passed over and noted, by both readers")
    func datasetsWithoutNumbers() throws {
        for reading in [HDF5Reading.own, .library] {
            let checkpoint = try Checkpoint(path: fixture("odd-hdf5/beside.h5"), hdf5: reading)
            #expect(checkpoint.tensors.map(\.name) == ["matrix"])
            #expect(checkpoint.tensors.first?.shape == [3, 4])
            let note = try #require(checkpoint.notes.first)
            #expect(checkpoint.notes.count == 1)
            for name in ["/complex", "/names", "/note", "/pairs"] { #expect(note.contains(name)) }
        }
    }
}
