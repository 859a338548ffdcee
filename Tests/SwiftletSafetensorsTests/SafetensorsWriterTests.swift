import SwiftletBytes
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

@Suite("Writing safetensors files")
struct SafetensorsWriterTests {
    private func declarations(_ file: SafetensorsFile) -> [SafetensorsWriter.Declaration] {
        file.tensors.map { ($0.name, $0.dtype, $0.shape) }
    }

    @Test("a file of the reference is reproduced byte for byte, in any order of declaration")
    func identity() throws {
        let folder = try TestFiles.temporaryFolder()
        let source = try SafetensorsFile(view: ByteView(referenceFile))
        var random = SplitMix64(seed: 1)
        for round in 0..<4 {
            var tensors = source.tensors
            if round > 0 { random.shuffle(&tensors) }
            let writer = try SafetensorsWriter(
                path: folder.file("\(round)"),
                tensors: tensors.map { ($0.name, $0.dtype, $0.shape) })
            #expect(writer.byteCount == referenceFile.count)
            for tensor in tensors { try writer.write(tensor.bytes) }
            try writer.commit()
            #expect(try TestFiles.bytes(folder.file("\(round)")) == referenceFile)
        }
    }

    @Test(
        "fixtures are reproduced byte for byte",
        arguments: [
            "gpt2-tiny", "gpt2-tiny-f16", "gpt2-tiny-bf16", "gpt2-tiny-legacy", "gpt2-variant",
        ]
    )
    func fixtures(_ name: String) throws {
        let folder = try TestFiles.temporaryFolder()
        let path = TestFiles.fixture("\(name)/model.safetensors")
        let source = try SafetensorsFile(path: path)
        let writer = try SafetensorsWriter(
            path: folder.file("x"), tensors: declarations(source), metadata: source.metadataPairs)
        for tensor in source.tensors {
            // In pieces that are aligned with nothing.
            for start in stride(from: 0, to: tensor.byteCount, by: 977) {
                try writer.write(tensor.bytes[start..<min(start + 977, tensor.byteCount)])
            }
        }
        try writer.commit()
        #expect(try TestFiles.bytes(folder.file("x")) == TestFiles.bytes(path))
    }

    @Test("files without metadata and without tensors")
    func bare() throws {
        let folder = try TestFiles.temporaryFolder()
        // safetensors.torch.save({"x": torch.zeros(1)})
        let writer = try SafetensorsWriter(
            path: folder.file("x"), tensors: [("x", .f32, [1])], metadata: [])
        try writer.write([0, 0, 0, 0])
        try writer.commit()
        let expected = safetensors(#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}  "#)
        #expect(try TestFiles.bytes(folder.file("x")) == expected + [0, 0, 0, 0])
        try SafetensorsWriter(path: folder.file("y"), tensors: [], metadata: []).commit()
        #expect(try TestFiles.bytes(folder.file("y")) == safetensors("{}      "))
    }

    @Test("each tensor takes exactly its number of bytes")
    func counts() throws {
        let folder = try TestFiles.temporaryFolder()
        let path = folder.file("x")
        do {
            let writer = try SafetensorsWriter(
                path: path, tensors: [("a", .u8, [2]), ("e", .u8, [0]), ("b", .u8, [1])])
            try writer.write([1])
            #expect(throws: SwiftletError(.safetensorsWriter, "")) { try writer.write([2, 3]) }
            #expect(throws: SwiftletError(.safetensorsWriter, "")) { try writer.commit() }
            try writer.write([2])
            try writer.write([])
            try writer.write([3])
            #expect(throws: SwiftletError(.safetensorsWriter, "")) { try writer.write([4]) }
        }
        #expect(try FileSystem.names(in: folder.path).isEmpty)
    }

    @Test("declarations that cannot be stored are refused")
    func declarations() throws {
        let folder = try TestFiles.temporaryFolder()
        func code(
            _ tensors: [SafetensorsWriter.Declaration],
            _ metadata: [(key: String, value: String)] = []
        ) -> SwiftletError.Code? {
            do throws(SwiftletError) {
                _ = try SafetensorsWriter(
                    path: folder.file("x"), tensors: tensors, metadata: metadata)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code([("a", .u8, [1]), ("a", .u8, [1])]) == .safetensorsDuplicateKey)
        #expect(code([("__metadata__", .u8, [1])]) == .safetensorsDuplicateKey)
        #expect(code([], [("a", ""), ("a", "")]) == .safetensorsDuplicateKey)
        #expect(code([("a", .f4, [3])]) == .safetensorsPartialByte)
        #expect(code([("a", .f32, [Int.max])]) == .safetensorsOverflow)
        #expect(code([("a", .f32, [-1])]) == .safetensorsOverflow)
        #expect(code([("a", .u8, [Int.max >> 3]), ("b", .u8, [Int.max >> 3])]) == nil)
        #expect(try FileSystem.names(in: folder.path).isEmpty)
    }

    @Test("a file can be replaced by tensors that are read from it")
    func overItself() throws {
        let folder = try TestFiles.temporaryFolder()
        let path = folder.file("x")
        try AtomicFile.write(referenceFile, to: path)
        let source = try SafetensorsFile(path: path)
        let kept = try #require(source["half"])
        let writer = try SafetensorsWriter(path: path, tensors: [("half", .f16, [2])])
        try writer.write(kept.bytes)
        try writer.commit()
        #expect(try SafetensorsFile(path: path).tensors.map(\.name) == ["half"])
        #expect(try kept.floats() == [1, 2.5])
        #expect(try source["u8"]?.bytes.copy() == [7])
    }
}
