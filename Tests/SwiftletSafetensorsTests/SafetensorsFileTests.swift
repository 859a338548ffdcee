import SwiftletBytes
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

@Suite("Reading safetensors files")
struct SafetensorsFileTests {
    @Test("tensors of every dtype are listed in the order of their data")
    func everyDType() throws {
        let file = try SafetensorsFile(view: ByteView(referenceFile))
        #expect(file.metadata == ["format": "pt"])
        #expect(
            file.tensors.map(\.name) == [
                "u64", "b.mixed", "f64", "c64", "a\t\"x\\é\u{7F}\u{1}", "empty", "u32", "i32",
                "brain", "half", "Z", "i16", "e5z", "e4z", "e8", "e4", "e5", "i8", "u8", "bool",
            ])
        #expect(file["b.mixed"]?.shape == [3])
        #expect(file["f64"]?.shape == [])
        #expect(file["f64"]?.elementCount == 1)
        #expect(file["empty"]?.elementCount == 0)
        #expect(try file["bool"]?.bytes.copy() == [1, 0, 1])
        #expect(file["no such"] == nil)
        #expect(try file["half"]?.floats() == [1, 2.5])
        #expect(try file["brain"]?.floats() == [1])
        #expect(try file["a\t\"x\\é\u{7F}\u{1}"]?.floats() == [1.5, -2])
        #expect(throws: SwiftletError(.dtypeNotFloat, "")) { try file["i32"]?.floats() }
    }

    @Test("names that differ only in Unicode normalization are different tensors")
    func spellings() throws {
        let bytes = safetensors(
            "{\"\u{E9}\":[\"U8\",[1],[0,1]],\"e\u{301}\":[\"U8\",[1],[1,2]]}", data: 2)
        let file = try SafetensorsFile(view: ByteView(bytes))
        #expect(try file["\u{E9}"]?.bytes.copy() == [0])
        #expect(try file["e\u{301}"]?.bytes.copy() == [1])
    }

    @Test("a file opened by path; floats of aligned and misaligned tensors")
    func fixture() throws {
        let path = TestFiles.fixture("gpt2-tiny/model.safetensors")
        let file = try SafetensorsFile(path: path)
        #expect(file.metadata == ["format": "pt"])
        #expect(file.metadataPairs.map(\.key) == ["format"])
        let norm = try #require(file["transformer.ln_f.weight"])
        #expect(norm.shape == [48])
        #expect(norm.file == path)
        #expect(try norm.floats().allSatisfy { (0.4...1.6).contains($0) })
        #expect(try norm.withFloats { Array($0) } == norm.floats())
        let bytes = try norm.bytes.copy()
        let shifted = StoredTensor(
            name: "x", dtype: .f32, shape: [48], bytes: ByteView([0] + bytes)[1..<193], file: "m")
        #expect(try !shifted.bytes.isAligned(to: 4))
        #expect(try shifted.withFloats { Array($0) } == norm.floats())
    }

    @Test("a missing file and a folder are refused")
    func missing() {
        #expect(throws: SwiftletError(.noSuchFile, "")) {
            try SafetensorsFile(path: TestFiles.fixture("none.safetensors"))
        }
        #expect(throws: SwiftletError(.notAFile, "")) {
            try SafetensorsFile(path: TestFiles.fixture("gpt2-tiny"))
        }
    }
}
