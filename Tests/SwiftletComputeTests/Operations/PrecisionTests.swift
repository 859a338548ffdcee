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
                guard rounds else {
                    seen.append(y.values + plain.values)
                    continue
                }
                let back = Matrix(rows: rows, columns: inSize)
                context.productBackwardInput(residual, weight, into: back)
                expectClose(
                    back,
                    Reference.product(
                        Reference.Table(rounded(residual)),
                        order == .outIn ? table : table.transposed), within: 4e-5)
                let (wide, high) =
                    order == .outIn ? (residual, x) : (x, residual)
                let gradient = Matrix(rows: wide.columns, columns: high.columns)
                gradient.fill(3)
                let sum = GradientSum(gradient)
                sum.startOver()
                context.productBackwardWeight(residual, x, order: order, addingTo: sum)
                expectClose(
                    gradient,
                    Reference.product(
                        Reference.Table(rounded(wide)).transposed, Reference.Table(rounded(high))),
                    within: 4e-5)
                seen.append(y.values + plain.values + back.values + gradient.values)
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
