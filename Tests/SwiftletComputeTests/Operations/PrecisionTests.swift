import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletCompute

@Suite struct PrecisionTests {
    /// Under bf16 a product is that of the rounded factors, for every dtype, order and number of rows;
    /// only 8-bit weights and their factors are not rounded.
    @Test(arguments: WeightProductTests.shapes, [DType.f32, .f16, .bf16, .i8])
    func factorsAreRounded(_ shape: (Int, Int, Int), _ dtype: DType) throws {
        let (rows, outSize, inSize) = shape
        var samples = Samples(50)
        let x = samples.matrix(rows, inSize)
        let (bias, residual) = (samples.matrix(1, outSize), samples.matrix(rows, outSize))
        for order in [Weight.Order.outIn, .inOut] {
            let stored =
                order == .outIn ? samples.matrix(outSize, inSize) : samples.matrix(inSize, outSize)
            let single = Weight(stored, order: order)
            let weight =
                switch dtype {
                case .f32: single
                case .i8: single.quantized(contexts[0])
                default:
                    try Weight(
                        bytes: stored.narrowed(to: dtype), dtype: dtype, outSize: outSize,
                        inSize: inSize, order: order)
                }
            let rounds = dtype != .i8
            let (left, right) =
                rounds ? (rounded(x), rounded(weight.widened())) : (x, weight.widened())
            let table = Reference.Table(right)
            var expected = Reference.product(
                Reference.Table(left), order == .outIn ? table.transposed : table)
            for row in 0..<rows {
                for column in 0..<outSize {
                    expected[row, column] += Double(bias[0, column] + residual[row, column])
                }
            }
            var seen: [[Float]] = []
            for threadCount in 1...2 {
                let context = ComputeContext(
                    uncheckedThreadCount: threadCount, precision: .bf16)
                let y = Matrix(rows: rows, columns: outSize)
                context.product(x, weight, bias: bias, addingTo: residual, into: y)
                expectClose(y, expected, within: 4e-5)
                let plain = Matrix(rows: rows, columns: outSize)
                context.product(x, weight, into: plain)
                seen.append(y.values + plain.values)
                // The instruction for pairs of bf16, or its replacement at lower levels.
                let pairs = Matrix(rows: rows, columns: outSize)
                pairs.copy(from: residual)
                if rounds {
                    context.threads.forEach(1) { _, thread in
                        context.multiplyPairs(
                            left, weight, outputs: 0..<outSize, into: pairs, accumulate: true,
                            thread: thread)
                    }
                    context.product(x, weight, addingTo: residual, into: plain)
                    expectClose(pairs, plain, within: 4e-5)
                }
            }
            #expect(seen[0] == seen[1])
        }
    }
}

private func rounded(_ x: Matrix) -> Matrix {
    Matrix(
        rows: x.rows, columns: x.columns,
        x.values.map {
            Float(bitPattern: ($0.bitPattern + 0x7fff + ($0.bitPattern >> 16 & 1)) & 0xffff_0000)
        })
}
