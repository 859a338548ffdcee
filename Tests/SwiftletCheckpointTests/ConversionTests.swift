import Foundation
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

@Suite("Converting checkpoints")
struct ConversionTests {
    @Test(
        "rounding gives the same bytes as PyTorch",
        arguments: [("gpt2-tiny-f16", TargetPrecision.f16), ("gpt2-tiny-bf16", .bf16)])
    func rounding(_ name: String, _ precision: TargetPrecision) throws {
        let folder = try TestFiles.temporaryFolder()
        let target = folder.file("out")
        let summary = try CheckpointConverter.convert(
            source: fixture("gpt2-tiny"), destination: target, dtype: precision)
        #expect(
            try TestFiles.bytes("\(target)/model.safetensors")
                == TestFiles.bytes(fixture("\(name)/model.safetensors")))
        #expect(summary.tensors == 40)
        #expect(summary.overflowed == 0)
        #expect(summary.bytesOut == (try TestFiles.bytes("\(target)/model.safetensors").count))
        #expect(
            summary.bytesIn == (try TestFiles.bytes(fixture("gpt2-tiny/model.safetensors")).count))
        let before = try #require(try JSONValue.read(path: fixture("gpt2-tiny/config.json")).object)
        let after = try #require(try JSONValue.read(path: "\(target)/config.json").object)
        #expect(after["dtype"] == .string(precision == .f16 ? "float16" : "bfloat16"))
        #expect(after["torch_dtype"] == nil)
        #expect(after.pairs.map(\.key) == before.pairs.map(\.key))
        for file in ["vocab.json", "merges.txt", "tokenizer.json", "generation_config.json"] {
            #expect(
                try TestFiles.bytes("\(target)/\(file)")
                    == TestFiles.bytes(fixture("gpt2-tiny/\(file)")))
        }
        #expect(!FileSystem.somethingIs(at: "\(target)/README.md"))
        #expect(!FileSystem.somethingIs(at: "\(target)/golden"))
    }

    @Test("the oldest files are converted to what save_pretrained writes")
    func legacy() throws {
        let folder = try TestFiles.temporaryFolder()
        let target = folder.file("out")
        let summary = try CheckpointConverter.convert(
            source: fixture("gpt2-tiny-legacy"), destination: target)
        let expected = try TestFiles.bytes(fixture("gpt2-tiny/model.safetensors"))
        #expect(try TestFiles.bytes("\(target)/model.safetensors") == expected)
        #expect(
            try TestFiles.bytes("\(target)/config.json")
                == TestFiles.bytes(fixture("gpt2-tiny-legacy/config.json")))
        #expect(summary.notes.count == 2)
        // The weights alone, in a single file.
        let file = folder.file("deep/x.safetensors")
        _ = try CheckpointConverter.convert(
            source: fixture("gpt2-tiny-legacy/model.safetensors"), destination: file)
        #expect(try TestFiles.bytes(file) == expected)
    }

    @Test("a bare GPT2Model has no prefix, and an untied head is kept")
    func classes() throws {
        let folder = try TestFiles.temporaryFolder()
        var model = try TinyModel()
        model.configuration["architectures"] = .array([.string("GPT2Model")])
        try model.write(to: folder.file("in"))
        _ = try CheckpointConverter.convert(
            source: folder.file("in"), destination: folder.file("out"))
        let bare = try SafetensorsFile(path: folder.file("out/model.safetensors"))
        #expect(bare["wte.weight"] != nil)
        #expect(bare.tensors.count == 40)
        _ = try CheckpointConverter.convert(
            source: fixture("gpt2-variant"), destination: folder.file("variant"))
        #expect(
            try TestFiles.bytes(folder.file("variant/model.safetensors"))
                == TestFiles.bytes(fixture("gpt2-variant/model.safetensors")))
    }

    @Test("values that bfloat16 can represent survive a round trip")
    func roundTrip() throws {
        let folder = try TestFiles.temporaryFolder()
        func convert(_ a: String, _ b: String, _ dtype: TargetPrecision) throws {
            _ = try CheckpointConverter.convert(source: a, destination: b, dtype: dtype)
        }
        try convert(fixture("gpt2-tiny"), folder.file("bf16"), .bf16)
        try convert(folder.file("bf16"), folder.file("f32"), .f32)
        try convert(folder.file("f32"), folder.file("again"), .bf16)
        #expect(
            try TestFiles.bytes(folder.file("again/model.safetensors"))
                == TestFiles.bytes(folder.file("bf16/model.safetensors")))
        #expect(
            try TestFiles.bytes(folder.file("again/config.json"))
                == TestFiles.bytes(folder.file("bf16/config.json")))
    }

    @Test("an unknown family is copied tensor by tensor; integers keep their dtype")
    func unknown() throws {
        let folder = try TestFiles.temporaryFolder()
        let source = folder.file("a.safetensors")
        let double = StoredTensor(
            name: "d", dtype: .f64, shape: [2],
            bytes: ByteView(
                [1e300, 0.5].flatMap { value in
                    (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
                }), file: "")
        let tensors = [
            floats("x", [1, 65519, 65520, -1e9, .infinity, .nan, 6e-8]),
            StoredTensor(
                name: "i", dtype: .i64, shape: [], bytes: ByteView([1, 2, 3, 4, 5, 6, 7, 8]),
                file: ""),
            StoredTensor(name: "b", dtype: .bool, shape: [1], bytes: ByteView([1]), file: ""),
            floats("empty", [], shape: [0, 4]),
            double,
        ]
        try write(tensors, to: source, metadata: [("by", "hand")])
        let target = folder.file("b.safetensors")
        let summary = try CheckpointConverter.convert(
            source: source, destination: target, dtype: .f16)
        // 65520 and -1e9 round to infinity, and so does 1e300.
        #expect(summary.overflowed == 3)
        #expect(
            summary.notes.first
                == "2 tensors of no known model keep a dtype that is not a float (BOOL, I64), such as b"
        )
        #expect(summary.notes.count == 2)
        let result = try SafetensorsFile(path: target)
        #expect(result.metadata == ["by": "hand", "format": "pt"])
        let x = try #require(result["x"])
        #expect(x.dtype == .f16)
        let values = try x.floats()
        #expect(values[..<5] == [1, 65504, .infinity, -.infinity, .infinity])
        #expect(values[5].isNaN)
        #expect(values[6] == 0x1p-24)
        #expect(try result["d"]?.floats() == [.infinity, 0.5])
        #expect(result["i"]?.dtype == .i64)
        #expect(try result["i"]?.bytes.copy() == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(result["b"]?.dtype == .bool)
        #expect(result["empty"]?.shape == [0, 4])
    }

    @Test("8-bit floats of no known model, whose scales may be elsewhere, can be kept only")
    func smallFloats() throws {
        let folder = try TestFiles.temporaryFolder()
        let source = folder.file("a.safetensors")
        try write(
            [
                StoredTensor(
                    name: "q", dtype: .f8e4m3, shape: [2], bytes: ByteView([1, 2]), file: "")
            ],
            to: source)
        #expect(throws: SwiftletError(.unsupportedDType, "")) {
            try CheckpointConverter.convert(
                source: source, destination: folder.file("b.safetensors"), dtype: .f32)
        }
        _ = try CheckpointConverter.convert(
            source: source, destination: folder.file("b.safetensors"))
        #expect(try FileSystem.names(in: folder.path) == ["a.safetensors", "b.safetensors"])
    }

    @Test("an incomplete checkpoint is not converted, and nothing is left behind")
    func wrong() throws {
        let folder = try TestFiles.temporaryFolder()
        var model = try TinyModel()
        model.tensors.append(floats("value.weight", [1]))
        try model.write(to: folder.file("in"))
        for source in ["in", "in/model.safetensors"] {
            for target in ["out", "out.safetensors"] {
                #expect(throws: SwiftletError(.tensorMismatch, "")) {
                    try CheckpointConverter.convert(
                        source: folder.file(source), destination: folder.file(target))
                }
            }
        }
        #expect(try FileSystem.names(in: folder.path) == ["in"])
    }

    @Test("an existing destination is kept unless its replacement is asked for")
    func force() throws {
        let folder = try TestFiles.temporaryFolder()
        let tiny = fixture("gpt2-tiny")
        let target = folder.file("out")
        func convert(_ source: String, _ target: String, force: Bool = true) -> SwiftletError.Code?
        {
            do throws(SwiftletError) {
                _ = try CheckpointConverter.convert(
                    source: source, destination: target, force: force)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(convert(fixture("gpt2-variant"), target, force: false) == nil)
        #expect(convert(tiny, target, force: false) == .cannotCreate)
        #expect(try Checkpoint(path: target).tensors.count == 29)
        #expect(convert(tiny, target) == nil)
        #expect(try Checkpoint(path: target).tensors.count == 40)
        // Over itself.
        #expect(convert(target, target) == nil)
        #expect(try Checkpoint(path: target).tensors.count == 40)
        try AtomicFile.write([1], to: target + "/README.md")
        #expect(convert(target, target) == .cannotCreate)
        #expect(try FileSystem.names(in: target).contains("README.md"))
        // Anything but a checkpoint, or what contains the source, is not replaced.
        #expect(convert(tiny, folder.path) == .cannotCreate)
        #expect(convert("\(target)/model.safetensors", target) == .cannotCreate)
        try AtomicFile.write([1], to: folder.file("file"))
        #expect(convert(tiny, folder.file("file")) == .cannotCreate)
        try FileSystem.createFolder(folder.file("x.safetensors"))
        #expect(convert(tiny, folder.file("x.safetensors")) == .cannotCreate)
        try FileSystem.createFolder(folder.file("empty"))
        #expect(convert(tiny, folder.file("empty"), force: false) == .cannotCreate)
        #expect(convert(tiny, folder.file("empty")) == nil)
        #expect(
            try FileSystem.names(in: folder.path) == ["empty", "file", "out", "x.safetensors"])
        // A single file.
        #expect(convert(tiny, folder.file("y.safetensors"), force: false) == nil)
        #expect(convert(tiny, folder.file("y.safetensors"), force: false) == .cannotCreate)
        #expect(convert(fixture("gpt2-variant"), folder.file("y.safetensors")) == nil)
    }

    @Test("a cancelled conversion leaves the old destination")
    func cancelled() async throws {
        let folder = try TestFiles.temporaryFolder()
        let target = folder.file("out")
        _ = try CheckpointConverter.convert(source: fixture("gpt2-variant"), destination: target)
        let before = try TestFiles.bytes("\(target)/model.safetensors")
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try CheckpointConverter.convert(
                source: fixture("gpt2-tiny"), destination: target, dtype: .bf16, force: true)
        }
        await #expect(throws: SwiftletError(.cancelled, "")) { try await task.value }
        #expect(try TestFiles.bytes("\(target)/model.safetensors") == before)
        #expect(try FileSystem.names(in: folder.path) == ["out"])
    }

    @Test("the leftovers of a killed run are removed by the next run")
    func leftovers() throws {
        let folder = try TestFiles.temporaryFolder()
        try FileSystem.createFolder(folder.file(".out.99999999.0.partial"))
        try AtomicFile.write([1], to: folder.file(".out.99999999.0.partial/model.safetensors"))
        try AtomicFile.write([1], to: folder.file(".x.safetensors.99999999.0.partial"))
        _ = try CheckpointConverter.convert(
            source: fixture("gpt2-tiny"), destination: folder.file("out"))
        _ = try CheckpointConverter.convert(
            source: fixture("gpt2-tiny"), destination: folder.file("x.safetensors"))
        #expect(try FileSystem.names(in: folder.path) == ["out", "x.safetensors"])
    }

    @Test("progress grows to the total")
    func progress() throws {
        let folder = try TestFiles.temporaryFolder()
        var steps: [Int] = []
        var total = 0
        _ = try CheckpointConverter.convert(
            source: fixture("gpt2-tiny"), destination: folder.file("out"), dtype: .f16
        ) {
            steps.append($0.bytesDone)
            total = $0.bytesTotal
        }
        #expect(steps == steps.sorted())
        #expect(steps.last == total)
    }

    @Test("links in the Hub's cache are copied as files")
    func links() throws {
        let folder = try TestFiles.temporaryFolder()
        let snapshot = folder.file("snapshots/main")
        try FileManager.default.createDirectory(
            atPath: snapshot, withIntermediateDirectories: true)
        try FileSystem.createFolder(folder.file("blobs"))
        for name in ["config.json", "model.safetensors", "vocab.json"] {
            try FileManager.default.copyItem(
                atPath: fixture("gpt2-tiny/\(name)"), toPath: folder.file("blobs/\(name)"))
            try FileManager.default.createSymbolicLink(
                atPath: "\(snapshot)/\(name)", withDestinationPath: "../../blobs/\(name)")
        }
        try FileManager.default.createSymbolicLink(
            atPath: "\(snapshot)/dangling.json", withDestinationPath: "nowhere")
        _ = try CheckpointConverter.convert(
            source: snapshot, destination: folder.file("out"))
        #expect(
            try FileSystem.names(in: folder.file("out"))
                == ["config.json", "model.safetensors", "vocab.json"])
        #expect(
            try TestFiles.bytes(folder.file("out/vocab.json"))
                == TestFiles.bytes(fixture("gpt2-tiny/vocab.json")))
    }
}
