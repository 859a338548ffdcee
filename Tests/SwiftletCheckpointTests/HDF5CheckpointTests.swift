import SwiftletBytes
import SwiftletHDF5
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

@testable import SwiftletCheckpoint

@Suite("HDF5 arrays by name")
struct HDF5CheckpointTests {
    /// Tensors that both formats can store.
    static let dtypes: [DType] = [
        .f16, .f32, .f64, .bf16, .i8, .i16, .i32, .i64, .u8, .u16, .u32, .u64, .bool,
    ]

    private static func tensors() -> [StoredTensor] {
        dtypes.flatMap { dtype -> [StoredTensor] in
            [[3, 5], [7], [], [0, 4]].enumerated().map { index, shape in
                let count = (StoredTensor.elementCount(of: shape) ?? 0) * dtype.bits / 8
                let bytes = (0..<count).map { byte in
                    dtype == .bool ? UInt8(byte % 2) : UInt8(truncatingIfNeeded: byte * 37 + index)
                }
                return StoredTensor(
                    name: "group.\(dtype.rawValue)/\(index)", dtype: dtype, shape: shape,
                    bytes: ByteView(bytes), file: "memory")
            }
        }
    }

    @Test("every dtype and shape survives a round trip, through both readers")
    func roundTrip() throws {
        let folder = try TestFiles.temporaryFolder()
        let source = folder.file("a.safetensors")
        try write(Self.tensors(), to: source, metadata: [("author", "é"), ("format", "pt")])
        for format in [TargetFormat.hdf5, .safetensors] {
            let middle = folder.file("b.h5")
            _ = try CheckpointConverter.convert(source: source, destination: middle, force: true)
            let back = folder.file("c.\(format == .hdf5 ? "hdf5" : "safetensors")")
            _ = try CheckpointConverter.convert(source: middle, destination: back, format: format)
            for reading in [HDF5Reading.own, .library] {
                let checkpoint = try Checkpoint(path: back, hdf5: reading)
                let found = Dictionary(
                    uniqueKeysWithValues: checkpoint.tensors.map { ($0.name, $0) })
                #expect(found.count == Self.tensors().count)
                for tensor in Self.tensors() {
                    let other = try #require(found[tensor.name])
                    #expect(other.dtype == tensor.dtype)
                    #expect(other.shape == tensor.shape)
                    #expect(try other.bytes.copy() == tensor.bytes.copy(), "\(tensor.name)")
                }
            }
        }
        #expect(try TestFiles.bytes(folder.file("c.safetensors")) == TestFiles.bytes(source))
        #expect(
            try Checkpoint(path: folder.file("b.h5")).metadata.contains {
                $0 == ("author", "é")
            })
    }

    @Test("the same input gives the same bytes, with aligned tensors")
    func deterministic() throws {
        let folder = try TestFiles.temporaryFolder()
        for name in ["a", "b"] {
            _ = try CheckpointConverter.convert(
                source: fixture("gpt2-tiny"), destination: folder.file(name), format: .hdf5)
        }
        #expect(
            try TestFiles.bytes(folder.file("a/tf_model.h5"))
                == TestFiles.bytes(folder.file("b/tf_model.h5")))
        for tensor in try Checkpoint(path: folder.file("a")).tensors where tensor.byteCount >= 64 {
            #expect(tensor.isView)
            #expect(try tensor.bytes.isAligned(to: 64), "\(tensor.name)")
        }
    }

    @Test("models without a TensorFlow class are written as arrays by name")
    func plain() throws {
        let folder = try TestFiles.temporaryFolder()
        let summary = try CheckpointConverter.convert(
            source: fixture("gpt2-variant"), destination: folder.file("out"), format: .hdf5)
        #expect(summary.notes.contains { $0.contains("lm_head.weight") })
        let back = try Checkpoint(path: folder.file("out"))
        #expect(back.files == [folder.file("out/model.h5")])
        #expect(try back.resolved(try #require(back.configuration)).isComplete)
        _ = try CheckpointConverter.convert(
            source: folder.file("out"), destination: folder.file("back"))
        #expect(
            try TestFiles.bytes(folder.file("back/model.safetensors"))
                == TestFiles.bytes(fixture("gpt2-variant/model.safetensors")))
        _ = try CheckpointConverter.convert(
            source: fixture("gpt2-variant"), destination: folder.file("shards"), format: .hdf5,
            maxShardSize: ShardSize("20KB"))
        let shards = try Checkpoint(path: folder.file("shards"))
        #expect(shards.files.count > 2)
        #expect(try CheckpointComparison.compare(shards, back).isEqual)
    }

    @Test("files of h5py open as checkpoints, and the C library reads the same numbers")
    func h5py() throws {
        // Older releases of the library cannot read files in the newest format.
        for name in ["plain", "chunked", "chunked-v108", "model.weights", "many", "userblock"] {
            let path = fixture("hdf5/\(name).h5")
            let own = try Checkpoint(path: path)
            let trusted = try Checkpoint(path: path, hdf5: .library)
            let comparison = try CheckpointComparison.compare(own, trusted)
            #expect(comparison.isEqual, "\(name): \(comparison.differing)")
            #expect(comparison.compared == own.tensors.count)
        }
        let keras3 = try Checkpoint(path: fixture("hdf5/model.weights.h5"))
        #expect(keras3.tensors.contains { $0.name.hasSuffix("vars/0") })
        #expect(try !Checkpoint(path: fixture("hdf5/chunked.h5")).tensors.isEmpty)
    }

    @Test("chunks are decoded when they are read, and damaged ones are reported then")
    func lateDecoding() throws {
        let folder = try TestFiles.temporaryFolder()
        let original = try TestFiles.bytes(fixture("hdf5/chunked.h5"))
        let checkpoint = try Checkpoint(path: fixture("hdf5/chunked.h5"))
        let chunked = try #require(checkpoint.tensors.first { !$0.isView && $0.byteCount > 64 })
        #expect(try chunked.bytes.count == chunked.byteCount)
        var opened = 0
        var failed = 0
        for position in stride(from: original.count / 2, to: original.count, by: 97) {
            var damaged = original
            damaged[position] ^= 0x55
            try AtomicFile.write(damaged, to: folder.file("x.h5"))
            guard let other = try? Checkpoint(path: folder.file("x.h5")) else { continue }
            opened += 1
            do {
                for tensor in other.tensors { _ = try tensor.bytes }
            } catch {
                failed += 1
                #expect(error.code.kind == .badData)
                #expect(error.file == folder.file("x.h5"))
            }
        }
        #expect(opened > 0 && failed > 0)
    }

    @Test("dtypes that HDF5 lacks, and endings of another format, are refused")
    func refusals() throws {
        let folder = try TestFiles.temporaryFolder()
        func tensor(_ name: String, _ dtype: DType) -> StoredTensor {
            StoredTensor(
                name: name, dtype: dtype, shape: [2], bytes: ByteView([1, 2]), file: "memory")
        }
        func code(_ tensors: [StoredTensor], _ target: String, _ format: TargetFormat? = nil)
            -> SwiftletError.Code?
        {
            do throws(SwiftletError) {
                try? write(tensors, to: folder.file("in.safetensors"))
                _ = try CheckpointConverter.convert(
                    source: folder.file("in.safetensors"), destination: folder.file(target),
                    format: format)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code([tensor("x", .f8e4m3)], "a.h5")?.kind == .unsupported)
        for name in ["a//b", "/a", "a/", ".", "a/./b", ""] {
            #expect(code([tensor(name, .u8)], "b.h5")?.kind == .unsupported, "\(name)")
        }
        #expect(code([tensor("a", .u8), tensor("a/b", .u8)], "c.h5")?.kind == .unsupported)
        #expect(code([tensor("a", .u8)], "d.h5", .safetensors) == .usage)
        #expect(code([tensor("a", .u8)], "d.safetensors", .hdf5) == .usage)
        #expect(try FileSystem.names(in: folder.path) == ["in.safetensors"])
        #expect(code([tensor("a", .u8)], "e.hdf5") == nil)
    }
}
