import SwiftletBytes
import SwiftletGGUF
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

@Suite("Reading GGUF files")
struct GGUFFileTests {
    @Test("every kind of value is what the gguf package reads")
    func metadata() throws {
        let file = try GGUFFile(path: TestFiles.fixture("gguf/metadata.gguf"))
        let golden = try GoldenFile.json("gguf/metadata.json")
        let values = try #require(golden["values"]?.object)
        let kinds = try #require(golden["kinds"])
        #expect(file.version == 3)
        #expect(file.alignment == 64)
        #expect(file.metadata.map(\.key) == values.pairs.map(\.key))
        #expect(file.fields.map(\.field.value) == file.metadata.map(\.value))
        for (key, expected) in values.pairs {
            let field = try #require(file.field(key))
            let found = [field.kind] + [field.value.array?.kind].compactMap(\.self)
            #expect(found.map { Int($0.rawValue) } == (try kinds.ints(key)), "\(key)")
            if let elements = expected.array {
                let array = try #require(field.value.array)
                #expect(array.count == elements.count)
                try compare(array, elements, key)
            } else {
                #expect(description(field.value) == description(expected), "\(key)")
            }
        }
        #expect(file.value("no such") == nil)
    }

    private func compare(_ array: GGUFArray, _ elements: [JSONValue], _ key: String) throws {
        switch array.kind {
        case .string:
            #expect(array.strings() == elements.map { Array(($0.string ?? "?").utf8) }, "\(key)")
            #expect(array.ints() == nil)
        case .float32, .float64: #expect(array.floats() == elements.compactMap(\.double), "\(key)")
        case .bool: #expect(array.booleans() == elements.compactMap(\.bool), "\(key)")
        case .uint64:
            // 2^63 does not fit.
            #expect(array.ints() == nil, "\(key)")
        default:
            let wanted = elements.map { $0.string ?? "?" }
            #expect(array.ints()?.map { String($0) } == wanted, "\(key)")
            #expect(array.strings() == nil && array.floats() == nil && array.booleans() == nil)
        }
    }

    private func description(_ value: GGUFValue) -> String {
        switch value {
        case .uint(let value): "\(value)"
        case .int(let value): "\(value)"
        case .float(let value): "\(value)"
        case .bool(let value): "\(value)"
        case .string: value.text ?? "?"
        case .array: "array"
        }
    }

    private func description(_ value: JSONValue) -> String {
        value.string ?? value.bool.map { "\($0)" } ?? value.double.map { "\($0)" } ?? "?"
    }

    @Test("tensors have the package's names, shapes and places")
    func tensors() throws {
        let path = TestFiles.fixture("gguf/metadata.gguf")
        let file = try GGUFFile(path: path)
        let golden = try GoldenFile.json("gguf/metadata.json").elements("tensors")
        #expect(file.tensors.map(\.name) == golden.map { $0["name"]?.string })
        for (tensor, expected) in zip(file.tensors, golden) {
            #expect(tensor.shape == (try expected.ints("shape")))
            #expect(tensor.file == path && tensor.isView)
            let offset = try #require(expected["offset"]?.int)
            let bytes = try TestFiles.bytes(path)[offset..<offset + tensor.byteCount]
            #expect(try tensor.bytes.copy() == Array(bytes))
        }
        #expect(try file["cube"]?.widened() == (0..<24).map(Float.init))
        #expect(try file["scalar"]?.widened() == [7])
        #expect(file["no such"] == nil)
    }

    @Test("every element type, in versions 2 and 3", arguments: ["types", "types-v2"])
    func types(_ name: String) throws {
        let file = try GGUFFile(path: TestFiles.fixture("gguf/\(name).gguf"))
        let golden = try SafetensorsFile(path: TestFiles.fixture("gguf/types.safetensors"))
        #expect(file.version == (name == "types" ? 3 : 2))
        #expect(Set(file.tensors.map(\.name)) == Set(golden.tensors.map(\.name)))
        #expect(file.tensors.count == 19)
        for tensor in file.tensors {
            let expected = try #require(golden[tensor.name])
            #expect(tensor.dtype.rawValue == tensor.name)
            #expect(tensor.shape == expected.shape)
            if tensor.dtype == expected.dtype {
                #expect(try tensor.bytes.copy() == expected.bytes.copy(), "\(tensor.name)")
            } else {
                let (found, wanted) = (try tensor.widened(), try expected.floats())
                #expect(found.map(\.bitPattern) == wanted.map(\.bitPattern), "\(tensor.name)")
            }
        }
        #expect(throws: SwiftletError(.dtypeNotFloat, "")) { try file["I32"]?.widened() }
    }

    @Test("a file without tensors has no data, and need not be padded")
    func vocabulary() throws {
        let file = try GGUFFile(path: TestFiles.fixture("gguf/vocabulary.gguf"))
        #expect(file.tensors.isEmpty)
        let tokens = file.value("tokenizer.ggml.tokens")?.array
        #expect(tokens?.strings() == ["<s>", "a", "b"].map { Array($0.utf8) })
        #expect(file.value("tokenizer.ggml.tokens")?.text == nil)
    }

    @Test("arrays of arrays are read")
    func nested() throws {
        let inner = [
            array(.int8, 2, [1, 0xFF]), array(.string, 1, text("x")), array(.bool, 0, []),
        ]
        let bytes = GGUFSample.field(.array, array(.array, 3, inner.flatMap(\.self)))
        let value = try GGUFFile(view: ByteView(bytes)).value("k")
        let arrays = try #require(value?.array?.arrays())
        #expect(arrays.map(\.kind) == [.int8, .string, .bool])
        #expect(arrays[0].ints() == [1, -1])
        #expect(arrays[1].strings() == [[0x78]])
        #expect(arrays[2].booleans() == [])
        #expect(value?.array?.strings() == nil)
        #expect(arrays[0] == arrays[0] && arrays[0] != arrays[1])
    }

    @Test("strings keep bytes that are no text")
    func bytes() throws {
        let file = try GGUFFile(
            view: ByteView(GGUFSample.field(.string, little(UInt64(2)) + [0xFF, 0])))
        #expect(file.value("k") == .string([0xFF, 0]))
        #expect(file.value("k")?.text == nil)
    }

    @Test("a missing file and a folder are refused")
    func missing() {
        #expect(throws: SwiftletError(.noSuchFile, "")) {
            try GGUFFile(path: TestFiles.fixture("none.gguf"))
        }
        #expect(throws: SwiftletError(.notAFile, "")) {
            try GGUFFile(path: TestFiles.fixture("gguf"))
        }
    }
}
