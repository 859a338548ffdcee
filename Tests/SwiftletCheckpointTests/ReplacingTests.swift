import SwiftletBytes
import SwiftletCheckpoint
import Testing
import _SwiftletTestSupport

/// Which folders `convert --force` replaces: those where nothing but a checkpoint is lost.
struct ReplacingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TestFiles.temporaryFolder() }

    /// A converted checkpoint, the destination of the next conversion.
    private func checkpoint() throws -> String {
        let path = folder.file("out")
        _ = try CheckpointConverter.convert(source: fixture("gpt2-variant"), destination: path)
        return path
    }

    /// Converts by force; returns the error.
    private func replace(
        _ path: String, by source: String = fixture("gpt2-tiny")
    ) -> SwiftletError? {
        do throws(SwiftletError) {
            _ = try CheckpointConverter.convert(source: source, destination: path, force: true)
            return nil
        } catch {
            return error
        }
    }

    private func expectKept(_ path: String, naming name: String, by source: String? = nil) throws {
        let before = try FileSystem.names(in: path)
        let error = source.map { replace(path, by: $0) } ?? replace(path)
        #expect(error?.code == .cannotCreate)
        #expect(error?.code.kind.rawValue == 73)
        #expect(error?.file == path)
        #expect(error?.reason.contains(name) == true, "\(error?.reason ?? "replaced")")
        #expect(try FileSystem.names(in: path) == before)
    }

    @Test(
        "any other file in a checkpoint's folder is kept and named",
        arguments: [
            "thesis.docx", "notes.txt", "results.json", ".hidden", "README.md",
            "adapter.safetensors",
            "model-1-of-2.safetensors", "model-00001-of-.safetensors", "model-.safetensors",
            "optimizer.safetensors", "training_state.json", "training_run.json",
            "trainer_state.json",
        ])
    func otherFiles(_ name: String) throws {
        let path = try checkpoint()
        try AtomicFile.write([1], to: "\(path)/\(name)")
        try expectKept(path, naming: name)
    }

    @Test(
        "subfolders are kept, whatever their name", arguments: ["thesis", "checkpoint-200", "1.h5"])
    func subfolders(_ name: String) throws {
        let path = try checkpoint()
        try FileSystem.createFolder("\(path)/\(name)/inner")
        try expectKept(path, naming: name)
        // Over itself too.
        try expectKept(path, naming: name, by: path)
    }

    @Test("a lone configuration is no checkpoint")
    func configuration() throws {
        let path = folder.file("settings")
        try FileSystem.createFolder(path)
        try AtomicFile.write(Array("{}".utf8), to: "\(path)/config.json")
        try expectKept(path, naming: "config.json")
    }

    @Test("a training state is kept")
    func trainingState() throws {
        let path = folder.file("checkpoint-5")
        try FileSystem.createFolder(path)
        for name in ["config.json", "model.safetensors", "optimizer.safetensors"] {
            try AtomicFile.write([1], to: "\(path)/\(name)")
        }
        try expectKept(path, naming: "optimizer.safetensors")
    }

    @Test("what saved checkpoints consist of is replaced")
    func saved() throws {
        let path = try checkpoint()
        for name in [
            "pytorch_model.bin", "pytorch_model-00001-of-00002.bin", "pytorch_model.bin.index.json",
            "model-00001-of-00002.safetensors", "model-100000-of-100000.safetensors",
            "model.safetensors.index.json", "tf_model.h5", "flax_model.msgpack",
            "generation_config.json", "special_tokens_map.json", "tokenizer.model",
        ] {
            try AtomicFile.write([1], to: "\(path)/\(name)")
        }
        try link(fixture("gpt2-tiny/vocab.json"), "\(path)/spiece.model")
        #expect(replace(path) == nil)
        #expect(try Checkpoint(path: path).tensors.count == 40)
        #expect(try FileSystem.names(in: path).contains("pytorch_model.bin") == false)
    }

    @Test("a file that the conversion carries along replaces that of the same name")
    func carried() throws {
        let path = try checkpoint()
        let source = folder.file("source")
        _ = try CheckpointConverter.convert(source: fixture("gpt2-tiny"), destination: source)
        try AtomicFile.write([1], to: "\(source)/notes.txt")
        try AtomicFile.write([2], to: "\(path)/notes.txt")
        try expectKept(path, naming: "notes.txt")
        #expect(replace(path, by: source) == nil)
        #expect(try TestFiles.bytes("\(path)/notes.txt") == [1])
        // A single file carries nothing along.
        try expectKept(path, naming: "notes.txt", by: "\(source)/model.safetensors")
    }

    @Test("what appears during the conversion is kept")
    func late() throws {
        let path = try checkpoint()
        #expect(throws: SwiftletError(.cannotCreate, "")) {
            try CheckpointConverter.convert(
                source: fixture("gpt2-tiny"), destination: path, force: true
            ) { _ in try? AtomicFile.write([1], to: "\(path)/thesis") }
        }
        #expect(try FileSystem.names(in: path).contains("thesis"))
        #expect(try FileSystem.names(in: folder.path) == ["out"])
    }

    @Test("--force is only suggested where it would work")
    func hint() throws {
        let path = try checkpoint()
        func hint() -> String? {
            do throws(SwiftletError) {
                _ = try CheckpointConverter.convert(source: fixture("gpt2-tiny"), destination: path)
                return nil
            } catch {
                return error.hint
            }
        }
        #expect(hint()?.contains("--force") == true)
        try AtomicFile.write([1], to: "\(path)/thesis")
        #expect(hint() == nil)
    }
}
