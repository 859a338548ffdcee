import SwiftletBytes
import SwiftletCheckpoint
import Testing
import _SwiftletTestSupport

@Suite("Inspecting checkpoints")
struct InspectionTests {
    @Test("a model folder's facts")
    func tiny() throws {
        let inspection = try CheckpointInspection(path: fixture("gpt2-tiny"))
        let json = inspection.json
        #expect(inspection.isComplete)
        #expect(json["format"]?.string == "safetensors")
        #expect(json["family"]?.string == "gpt2")
        #expect(json["metadata"]?["format"]?.string == "pt")
        #expect(json["parameters"]?.int == inspection.checkpoint.configuration?.parameterCount)
        let tensors = try #require(json["tensors"]?.array)
        #expect(tensors.count == 40)
        let first = try #require(tensors.first?.object)
        #expect(first.pairs.map(\.key) == ["name", "dtype", "shape", "bytes", "file"])
        #expect(first["name"]?.string == "transformer.h.0.attn.c_attn.bias")
        #expect(first["dtype"]?.string == "F32")
        #expect(first["shape"]?.array?.compactMap(\.int) == [144])
        #expect(first["bytes"]?.int == 576)
        #expect(first["file"]?.string == "model.safetensors")
        for key in ["missing", "unexpected", "misshapen"] {
            #expect(json[key]?.array?.isEmpty == true)
        }
        let text = inspection.text
        #expect(text.contains("transformer.h.0.attn.c_attn.bias    F32    [144]         576\n"))
        #expect(text.contains("family      gpt2\n"))
    }

    @Test("what is wrong with a model")
    func wrong() throws {
        let folder = try TestFiles.temporaryFolder()
        var model = try TinyModel()
        try model.remove("transformer.ln_f.bias")
        model.tensors.append(floats("score.weight", [1]))
        try model.write(to: folder.path)
        let inspection = try CheckpointInspection(path: folder.path)
        #expect(!inspection.isComplete)
        #expect(inspection.json["missing"]?.array == [.string("transformer.ln_f.bias")])
        #expect(inspection.json["unexpected"]?.array == [.string("score.weight")])
        #expect(inspection.text.contains("missing  transformer.ln_f.bias\n"))
    }

    @Test("statistics: numbers where there are numbers")
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
        func facts(_ name: String) -> [JSONValue?] {
            let tensor = inspection.json["tensors"]?.array?.first { $0["name"]?.string == name }
            return ["min", "max", "mean", "nan"].map { tensor?[$0] }
        }
        func numbers(_ values: Double..., nan: Int = 0) -> [JSONValue?] {
            values.map { JSONValue(finite: $0) } + [JSONValue(nan)]
        }
        let null = JSONValue.null
        #expect(facts("a") == numbers(-1, 4, 2, nan: 1))
        #expect(facts("i") == numbers(-1, 5, 2))
        #expect(facts("bf") == numbers(1, 2, 1.5))
        #expect(facts("nan") == [null, null, null, JSONValue(1)])
        #expect(facts("inf") == [JSONValue(finite: 1.0), null, null, JSONValue(0)])
        for name in ["empty", "b", "q"] { #expect(facts(name) == [null, null, null, null]) }
        #expect(inspection.text.contains("a"))
        #expect(inspection.json["family"] == .null)
        #expect(inspection.json["parameters"]?.int == 13)
    }
}
