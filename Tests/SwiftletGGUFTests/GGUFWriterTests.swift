import SwiftletBytes
import SwiftletGGUF
import Testing
import _SwiftletTestSupport

@Suite("Writing GGUF files")
struct GGUFWriterTests {
    @Test(
        "files of the gguf package are reproduced byte for byte",
        arguments: ["types", "metadata", "vocabulary"])
    func identity(_ name: String) throws {
        let folder = try TestFiles.temporaryFolder()
        let path = TestFiles.fixture("gguf/\(name).gguf")
        let source = try GGUFFile(path: path)
        let writer = try GGUFWriter(
            path: folder.file("x"), tensors: source.tensors.map { ($0.name, $0.dtype, $0.shape) },
            metadata: source.fields)
        for tensor in source.tensors {
            // In pieces that are aligned with nothing.
            for start in stride(from: 0, to: tensor.byteCount, by: 97) {
                try writer.write(tensor.bytes[start..<min(start + 97, tensor.byteCount)])
            }
        }
        try writer.commit()
        let written = try TestFiles.bytes(folder.file("x"))
        #expect(writer.byteCount == written.count)
        #expect(written == (try TestFiles.bytes(path)))
    }

    @Test("fields of every kind are read again")
    func fields() throws {
        let folder = try TestFiles.temporaryFolder()
        let fields: [GGUFField] = [
            .uint8(255), .int8(-128), .uint16(.max), .int16(.min), .uint32(.max), .int32(.min),
            .uint64(.max), .int64(.min), .float32(0.1), .float64(0.1), .bool(true), .bool(false),
            .string("é"), .string(bytes: [0xFF]), .strings(["a", ""]), .strings(bytes: [[0xFF]]),
            .int32s([-1, 2]), .uint32s([.max]), .float32s([0.1, -.infinity]),
        ]
        let metadata = fields.enumerated().map { (key: "k\($0)", field: $1) }
        try GGUFWriter(path: folder.file("x"), tensors: [], metadata: metadata).commit()
        let file = try GGUFFile(path: folder.file("x"))
        #expect(file.fields.map(\.field) == fields)
        #expect(file.fields.map(\.field.kind) == fields.map(\.kind))
        #expect(file.value("k9") == .float(0.1))
        #expect(file.value("k8") == .float(Double(Float(0.1))))
    }

    @Test("each tensor takes exactly its number of bytes")
    func counts() throws {
        let folder = try TestFiles.temporaryFolder()
        do {
            let writer = try GGUFWriter(
                path: folder.file("x"), tensors: [("a", .i8, [2]), ("b", .i8, [1])], metadata: [])
            try writer.write([1])
            #expect(throws: SwiftletError(.ggufWriter, "")) { try writer.write([2, 3]) }
            #expect(throws: SwiftletError(.ggufWriter, "")) { try writer.commit() }
            try writer.write([2])
            try writer.write([])
            try writer.write([3])
            #expect(throws: SwiftletError(.ggufWriter, "")) { try writer.write([4]) }
        }
        #expect(try FileSystem.names(in: folder.path).isEmpty)
    }

    @Test("declarations that llama.cpp does not read are refused")
    func declarations() throws {
        let folder = try TestFiles.temporaryFolder()
        func code(
            _ tensors: [GGUFWriter.Declaration], _ metadata: [(key: String, field: GGUFField)] = []
        ) -> SwiftletError.Code? {
            do throws(SwiftletError) {
                _ = try GGUFWriter(path: folder.file("x"), tensors: tensors, metadata: metadata)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code([("a", .i8, [1]), ("a", .i8, [1])]) == .ggufDuplicateTensor)
        #expect(code([], [("a", .bool(true)), ("a", .bool(true))]) == .ggufDuplicateKey)
        #expect(code([], [("", .bool(true))]) == .ggufUnwritable)
        #expect(code([("a", .u8, [1])]) == .ggufUnwritable)
        #expect(code([("a", .f32, [1, 1, 1, 1, 1])]) == .ggufUnwritable)
        #expect(code([("a", .f32, [0])]) == .ggufUnwritable)
        #expect(code([("a", .f32, [-1])]) == .ggufUnwritable)
        #expect(code([("a", .f32, [Int.max])]) == .ggufUnwritable)
        #expect(code([("a", .q8_0, [16])]) == .ggufUnwritable)
        let half = Int.max / 2
        let three = ["a", "b", "c"].map { (name: $0, dtype: DType.i8, shape: [half]) }
        #expect(code(three) == .ggufUnwritable)
        #expect(code([(String(repeating: "n", count: 64), .f32, [1])]) == .ggufUnwritable)
        #expect(code([(String(repeating: "n", count: 63), .f32, [1])]) == nil)
        #expect(code([], [("general.alignment", .uint32(24))]) == .ggufAlignment)
        #expect(code([], [("general.alignment", .uint64(32))]) == .ggufAlignment)
        #expect(try FileSystem.names(in: folder.path).isEmpty)
    }

    @Test("arrays of arrays are refused, because llama.cpp does not read them")
    func nested() throws {
        let folder = try TestFiles.temporaryFolder()
        let bytes = GGUFSample.field(.array, array(.array, 1, array(.bool, 0, [])))
        let source = try GGUFFile(view: ByteView(bytes))
        #expect(throws: SwiftletError(.ggufUnwritable, "")) {
            try GGUFWriter(path: folder.file("x"), tensors: [], metadata: source.fields)
        }
    }
}
