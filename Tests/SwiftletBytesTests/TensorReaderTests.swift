import SwiftletBytes
import Testing

@Suite("Reading tensors in ranges")
struct TensorReaderTests {
    private func matrix(_ rows: Int, _ columns: Int, _ dtype: DType) -> StoredTensor {
        let count = rows * columns * dtype.bits / 8
        return StoredTensor(
            name: "m", dtype: dtype, shape: [rows, columns],
            bytes: ByteView((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 131 >> 3) }),
            file: "memory")
    }

    /// Transposes element by element.
    private func transposed(_ tensor: StoredTensor) throws -> [UInt8] {
        let (rows, columns, size) = (tensor.shape[0], tensor.shape[1], tensor.dtype.bits / 8)
        let bytes = try tensor.bytes.copy()
        var result: [UInt8] = []
        for column in 0..<columns {
            for row in 0..<rows {
                let start = (row * columns + column) * size
                result += bytes[start..<start + size]
            }
        }
        return result
    }

    @Test(
        "a transpose has every element in its place",
        arguments: [(1, 1), (3, 70), (70, 3), (33, 65), (0, 4), (4, 0)],
        [DType.u8, .bf16, .f32, .f64])
    func transpose(_ sizes: (Int, Int), _ dtype: DType) throws {
        let tensor = matrix(sizes.0, sizes.1, dtype)
        let turned = try #require(tensor.transposed())
        #expect(turned.shape == [sizes.1, sizes.0])
        let expected = try transposed(tensor)
        #expect(try turned.bytes.copy() == expected)
        var reader = try TensorReader(turned)
        var found: [UInt8] = []
        for start in stride(from: 0, to: expected.count, by: 24) {
            found += reader.bytes(start..<min(start + 24, expected.count)).copy()
        }
        reader.finish()
        #expect(found == expected)
        #expect(try turned.transposed()?.bytes.copy() == tensor.bytes.copy())
    }

    @Test("a large transpose is read in windows")
    func windows() throws {
        let tensor = matrix(1500, 3000, .f32)
        let turned = try #require(tensor.transposed())
        let expected = try transposed(tensor)
        var reader = try TensorReader(turned)
        // Ranges that do not end at rows or windows.
        let step = 1_000_003
        for start in stride(from: 0, to: expected.count, by: step) {
            let range = start..<min(start + step, expected.count)
            #expect(reader.bytes(range).copy() == Array(expected[range]))
        }
    }

    @Test("made bytes are made on demand and must have the declared size")
    func made() throws {
        let right = StoredTensor(name: "a", dtype: .u8, shape: [3], file: "f") {
            () throws(SwiftletError) in ByteView([1, 2, 3])
        }
        #expect(try right.bytes.copy() == [1, 2, 3])
        #expect(!right.isView)
        #expect(try right.renamed("b").reshaped([3, 1])?.bytes.copy() == [1, 2, 3])
        #expect(right.reshaped([2]) == nil)
        let wrong = StoredTensor(name: "a", dtype: .u8, shape: [4], file: "f") {
            () throws(SwiftletError) in ByteView([1, 2, 3])
        }
        #expect(throws: SwiftletError(.defect, "")) { try wrong.bytes }
        let late = StoredTensor(name: "a", dtype: .u8, shape: [4], file: "f") {
            () throws(SwiftletError) in throw SwiftletError(.readFailed, "later")
        }
        #expect(throws: SwiftletError(.readFailed, "")) { try TensorReader(late) }
    }
}
