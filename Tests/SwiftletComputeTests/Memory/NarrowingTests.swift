import CSwiftletKernels
import SwiftletBytes
import Testing

@testable import SwiftletCompute

@Suite struct NarrowingTests {
    /// One row longer than a piece, and many rows that pieces end inside of.
    @Test(arguments: [(1, 1_200_001), (1700, 701), (3, 5), (0, 4)], [DType.f16, .bf16])
    func piecesAreTheWhole(_ shape: (Int, Int), _ dtype: DType) {
        var samples = Samples(80)
        let matrix = samples.matrix(shape.0, shape.1)
        // Finite values that f16 cannot hold; one of them only bf16 rounds to infinity.
        for index in Swift.stride(from: 0, to: matrix.count, by: 1000) {
            matrix.pointer[index] = index % 3000 == 0 ? 1e5 : 3.4e38
        }
        var expected = [UInt8](repeating: 0, count: 2 * matrix.count)
        let count = swiftlet_narrow(
            dtype == .f16 ? SWIFTLET_F16 : SWIFTLET_BF16, matrix.pointer, &expected, matrix.count)
        var bytes: [UInt8] = []
        let overflows = matrix.narrow(to: dtype) { piece in
            #expect(!piece.isEmpty && piece.count <= 1 << 20)
            bytes += piece
        }
        #expect(bytes == expected)
        #expect(overflows == count)
        #expect(dtype == .bf16 || (overflows > 0) == (matrix.count > 0))
    }

    @Test func anErrorOfTheWriterEndsIt() {
        let matrix = Matrix(rows: 3, columns: 400_000)
        var pieces = 0
        #expect(throws: SwiftletError(.writeFailed, "")) {
            _ = try matrix.narrow(to: .bf16) { (_) throws(SwiftletError) in
                pieces += 1
                throw SwiftletError(.writeFailed, "full")
            }
        }
        #expect(pieces == 1)
    }
}
