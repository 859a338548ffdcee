import SwiftletBytes
import Testing

@Suite("Block types")
struct BlockTypeTests {
    @Test("the sizes of blocks are ggml's, and rows are whole blocks")
    func sizes() {
        #expect(DType.q8_0.byteCount(elements: 64) == 68)
        #expect(DType.q8_0.byteCount(elements: 33) == nil)
        #expect(DType.q6_k.byteCount(shape: [2, 512]) == 840)
        #expect(DType.q6_k.byteCount(shape: [512, 2]) == nil)
        #expect(DType.q4_0.byteCount(shape: []) == nil)
        #expect(DType.q4_0.byteCount(shape: [0, 32]) == 0)
    }
}
