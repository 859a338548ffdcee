import SwiftletBytes
import SwiftletCheckpoint
import SwiftletGGUF
import Testing
import _SwiftletTestSupport

@Suite("Inspecting checkpoints")
struct InspectionTests {
    @Test("a complete model")
    func tiny() throws {
        let inspection = try CheckpointInspection(path: fixture("gpt2-tiny"))
        let checkpoint = inspection.checkpoint
        #expect(inspection.isComplete)
        #expect(checkpoint.format == "safetensors")
        #expect(checkpoint.family == "gpt2")
        #expect(checkpoint.metadata.map(\.key) == ["format"])
        #expect(checkpoint.metadata.map(\.value) == ["pt"])
        #expect(inspection.parameters == checkpoint.configuration?.parameterCount)
        #expect(checkpoint.tensors.count == 40)
        let first = try #require(checkpoint.tensors.first)
        #expect(first.name == "transformer.h.0.attn.c_attn.bias")
        #expect(first.dtype == .f32)
        #expect(first.shape == [144])
        #expect(first.byteCount == 576)
        #expect(inspection.statistics == nil)
        let resolved = try #require(inspection.resolved)
        #expect(resolved.missing.isEmpty && resolved.unexpected.isEmpty)
        #expect(resolved.misshapen.isEmpty)
    }

    @Test(
        "a GGUF file is shown whatever model it is of",
        arguments: [
            (
                "general.architecture", GGUFField?.some(.string("gemma")),
                "\"gemma\" is not supported"
            ),
            ("general.architecture", nil, "does not name its architecture"),
            ("llama.expert_count", .uint32(8), "key \"llama.expert_count\""),
            ("split.count", .uint32(3), "is one of 3 files"),
        ])
    func foreignGGUF(_ key: String, _ field: GGUFField?, _ part: String) throws {
        let (folder, path) = try GGUFModelTests.changed("llama", [key: field])
        defer { withExtendedLifetime(folder) {} }
        let inspection = try CheckpointInspection(path: path, statistics: true)
        let checkpoint = inspection.checkpoint
        #expect(checkpoint.format == "gguf" && checkpoint.family == nil)
        #expect(inspection.resolved == nil && inspection.isComplete)
        let file = try GGUFFile(path: path)
        #expect(checkpoint.tensors.map(\.name) == file.tensors.map(\.name))
        #expect(checkpoint.metadata.map(\.key) == file.metadata.map(\.key))
        #expect(inspection.parameters == file.tensors.reduce(0) { $0 + $1.elementCount })
        #expect(inspection.statistics?.count == file.tensors.count)
        #expect(inspection.notes.count == 1)
        #expect(inspection.notes.first?.hasPrefix("no command runs this file: ") == true)
        #expect(inspection.notes.first?.contains(part) == true, "\(inspection.notes)")
    }

    @Test("bad data in a GGUF file of a known model is an error")
    func damagedGGUF() throws {
        let (folder, path) = try GGUFModelTests.changed("llama", ["llama.block_count": nil])
        defer { withExtendedLifetime(folder) {} }
        let error = #expect(throws: SwiftletError.self) { try CheckpointInspection(path: path) }
        #expect(error?.code.kind == .badData && error?.place == "key \"llama.block_count\"")
    }

    @Test("a malformed GGUF file is an error of its own")
    func malformedGGUF() throws {
        let folder = try TestFiles.temporaryFolder()
        let path = folder.file("x.gguf")
        try AtomicFile.write(Array("GGUF".utf8) + [3, 0, 0, 0], to: path)
        let error = #expect(throws: SwiftletError.self) { try CheckpointInspection(path: path) }
        #expect(error?.code.kind == .badData)
    }

    @Test("missing and unexpected tensors")
    func wrong() throws {
        let folder = try TestFiles.temporaryFolder()
        var model = try TinyModel()
        try model.remove("transformer.ln_f.bias")
        model.tensors.append(floats("score.weight", [1]))
        try model.write(to: folder.path)
        let inspection = try CheckpointInspection(path: folder.path)
        #expect(!inspection.isComplete)
        #expect(inspection.resolved?.missing == ["transformer.ln_f.bias"])
        #expect(inspection.resolved?.unexpected == ["score.weight"])
    }

    @Test("statistics of dtypes with arithmetic")
    func statistics() throws {
        let folder = try TestFiles.temporaryFolder()
        let path = folder.file("x.safetensors")
        try write(
            [
                floats("a", [3, -1, .nan, 4]), floats("nan", [.nan]),
                floats("inf", [.infinity, 1]),
                floats("empty", []),
                StoredTensor(name: "b", dtype: .bool, shape: [1], bytes: ByteView([1]), file: ""),
                StoredTensor(
                    name: "i", dtype: .i16, shape: [2], bytes: ByteView([255, 255, 5, 0]), file: ""),
                StoredTensor(
                    name: "bf", dtype: .bf16, shape: [2],
                    bytes: ByteView([0x80, 0x3F, 0x00, 0x40]), file: ""),
                StoredTensor(name: "q", dtype: .f8e5m2, shape: [1], bytes: ByteView([1]), file: ""),
            ], to: path)
        let inspection = try CheckpointInspection(path: path, statistics: true)
        let statistics = try #require(inspection.statistics)
        func facts(_ name: String) throws -> TensorStatistics? {
            let tensors = inspection.checkpoint.tensors
            return statistics[try #require(tensors.firstIndex { $0.name == name })]
        }
        func expect(
            _ name: String, _ min: Double?, _ max: Double?, _ mean: Double?, nan: Int = 0
        ) throws {
            let found = try #require(try facts(name))
            #expect([found.min, found.max, found.mean] == [min, max, mean], "\(name)")
            #expect(found.nanCount == nan)
        }
        try expect("a", -1, 4, 2, nan: 1)
        try expect("i", -1, 5, 2)
        try expect("bf", 1, 2, 1.5)
        try expect("nan", nil, nil, nil, nan: 1)
        try expect("inf", 1, .infinity, .infinity)
        try expect("q", 0x1p-16, 0x1p-16, 0x1p-16)
        for name in ["empty", "b"] { #expect(try facts(name) == nil) }
        #expect(inspection.checkpoint.family == nil)
        #expect(inspection.parameters == 13)
    }
}
