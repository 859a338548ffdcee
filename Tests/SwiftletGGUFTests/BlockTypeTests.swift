import SwiftletBytes
import SwiftletGGUF
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

@Suite("Block types")
struct BlockTypeTests {
    @Test("the sizes of blocks are ggml's, and rows are whole blocks")
    func sizes() {
        let blocks = DType.allCases.filter { $0.block != nil }
        #expect(
            blocks.map(\.rawValue) == [
                "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K",
                "IQ4_NL",
            ])
        #expect(
            blocks.map { $0.byteCount(elements: 256) } == [
                272, 144, 160, 176, 192, 84, 110, 144, 176, 210, 144,
            ])
        #expect(DType.q8_0.byteCount(elements: 33) == nil)
        #expect(DType.q8_0.byteCount == nil)
        #expect(DType.q6_k.byteCount(shape: [2, 512]) == 840)
        #expect(DType.q6_k.byteCount(shape: [512, 2]) == nil)
        #expect(DType.q4_0.byteCount(shape: []) == nil)
        #expect(DType.q4_0.byteCount(shape: [0, 32]) == 0)
        #expect(DType.q8_0.byteCount(elements: .max & ~31) == nil)
    }

    @Test("a tensor of blocks keeps its rows whole")
    func shapes() {
        let tensor = StoredTensor(
            name: "t", dtype: .q8_0, shape: [2, 64],
            bytes: ByteView([UInt8](repeating: 0, count: 136)), file: "f")
        #expect(tensor.elementCount == 128)
        #expect(tensor.byteCount == 136)
        #expect(tensor.reshaped([4, 32])?.shape == [4, 32])
        #expect(tensor.reshaped([8, 16]) == nil)
        #expect(tensor.transposed()?.shape == [64, 2])
        #expect(tensor.transposed()?.transposeOf?.shape == [2, 64])
        #expect(throws: SwiftletError(.dtypeNotFloat, "")) { try tensor.floats() }
    }

    @Test("safetensors files hold no blocks")
    func safetensors() throws {
        let header = #"{"a":{"dtype":"Q8_0","shape":[32],"data_offsets":[0,34]}}"#
        let bytes = little(UInt64(header.utf8.count)) + header.utf8
        #expect(throws: SwiftletError(.safetensorsUnknownDType, "")) {
            try SafetensorsFile(view: ByteView(bytes + [UInt8](repeating: 0, count: 34)))
        }
        let folder = try TestFiles.temporaryFolder()
        #expect(throws: SwiftletError(.safetensorsUnknownDType, "")) {
            try SafetensorsWriter(path: folder.file("x"), tensors: [("a", .q8_0, [32])])
        }
    }

    @Test("Q8_0 is what the gguf package makes of the same values")
    func quantization() throws {
        let golden = try SafetensorsFile(path: TestFiles.fixture("gguf/quantized.safetensors"))
        let values = try #require(try golden["values"]?.floats())
        let blocks = try #require(try golden["blocks"]?.bytes.copy())
        let (bytes, overflows) = BlockConversion.quantize(values)
        #expect(bytes == blocks)
        #expect(overflows == 0)
    }

    @Test("blocks with values that have no scale are counted")
    func overflows() {
        var values = [Float](repeating: 1, count: 96)
        values[0] = .nan
        values[32] = -.infinity
        let (bytes, overflows) = BlockConversion.quantize(values)
        #expect(overflows == 2)
        #expect(bytes[2..<34].allSatisfy { $0 == 0 })
        let last = BlockConversion.widen(ByteView(Array(bytes[68...])), .q8_0)
        #expect(last.allSatisfy { $0 > 0.99 })
        // The largest scale, and a little more than it.
        #expect(BlockConversion.quantize([Float](repeating: 65504 * 127, count: 32)).overflows == 0)
        #expect(BlockConversion.quantize([Float](repeating: 65540 * 127, count: 32)).overflows == 1)
    }
}
