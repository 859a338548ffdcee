import CSwiftletKernels
import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletCompute

@Suite struct WeightBlockTests {
    /// Numbers of rows for both kinds of product; inputs are whole blocks of 32, or of 256.
    static let shapes = [
        (1, 5, 32), (2, 64, 64), (8, 33, 256), (9, 33, 96), (40, 130, 512), (33, 70, 12288),
    ]
    static let dtypes: [DType] = [.q8_0, .q4_0, .q4_1, .q5_0, .q5_1, .iq4_nl, .q4_k, .q6_k]

    /// Blocks of random bits whose scales are 1/64 or 1/128, so that all values are moderate.
    private func blocks(_ dtype: DType, count: Int, _ samples: inout Samples) throws -> ByteView {
        let block = try #require(dtype.block)
        let size = count / block.elements * block.bytes
        let random = samples.matrix(1, size)
        var bytes = (0..<size).map { UInt8(truncatingIfNeeded: Int(random[0, $0] * 1e4)) }
        let halves: [Int] =
            switch dtype {
            case .q4_1, .q5_1, .q4_k: [0, 2]
            case .q6_k: [208]
            default: [0]
            }
        for start in stride(from: 0, to: size, by: block.bytes) {
            for half in halves {
                bytes[start + half] = 0
                bytes[start + half + 1] = start % 2 == 0 ? 0x24 : 0x20
            }
        }
        return ByteView(bytes)
    }

    @Test(arguments: shapes, dtypes)
    func productsAreThoseOfTheWidenedWeight(_ shape: (Int, Int, Int), _ dtype: DType) throws {
        let (rows, outSize, inSize) = shape
        let block = try #require(dtype.block)
        guard inSize.isMultiple(of: block.elements) else { return }
        var samples = Samples(3)
        let weight = try Weight(
            bytes: try blocks(dtype, count: outSize * inSize, &samples), dtype: dtype,
            outSize: outSize, inSize: inSize, order: .outIn)
        let single = Weight(weight.widened(), order: .outIn)
        let (x, dy) = (samples.matrix(rows, inSize), samples.matrix(rows, outSize))
        let (bias, residual) = (samples.matrix(1, outSize), samples.matrix(rows, outSize))
        for context in contexts {
            let (y, expected) = (
                Matrix(rows: rows, columns: outSize), Matrix(rows: rows, columns: outSize)
            )
            context.product(x, weight, bias: bias, addingTo: residual, into: y)
            context.product(x, single, bias: bias, addingTo: residual, into: expected)
            #expect(y.values == expected.values)
            let (dx, expectedInput) = (
                Matrix(rows: rows, columns: inSize), Matrix(rows: rows, columns: inSize)
            )
            context.productBackwardInput(dy, weight, into: dx)
            context.productBackwardInput(dy, single, into: expectedInput)
            expectClose(dx, expectedInput, within: 1e-4)
        }
    }

    @Test(arguments: dtypes)
    func partsOfRowsAreWidened(_ dtype: DType) throws {
        let block = try #require(dtype.block)
        var samples = Samples(4)
        let inSize = 3 * block.elements
        let weight = try Weight(
            bytes: try blocks(dtype, count: 2 * inSize, &samples), dtype: dtype, outSize: 2,
            inSize: inSize, order: .outIn)
        let whole = weight.widened()
        for (column, count) in [
            (0, 1), (5, 7), (block.elements - 1, block.elements + 2), (3, inSize - 3),
        ] {
            let part = Matrix(rows: 1, columns: count)
            weight.widen(row: 1, column: column, count: count, into: part.pointer)
            #expect(part.values == Array(whole.values[inSize + column..<inSize + column + count]))
        }
    }

    /// Rows, outputs, inputs; whether the outputs are moved to their places.
    @Test(
        arguments: [
            (40, 130, 512, false), (40, 128, 512, true), (9, 300, 16384, false),
            (1, 200, 1024, false), (8, 128, 20480, true),
        ], [Precision.f32, .bf16])
    func memoryIsWhatIsStated(_ shape: (Int, Int, Int, Bool), _ precision: Precision) throws {
        let (rows, outSize, inSize, moves) = shape
        var samples = Samples(5)
        let order = moves ? RowOrder(outer: 2, first: 2, second: outSize / 4, inner: 1) : nil
        let weight = try Weight(
            bytes: try blocks(.q8_0, count: outSize * inSize, &samples), dtype: .q8_0,
            outSize: outSize, inSize: inSize, order: .outIn, rows: order)
        let single = Weight(weight.widened(), order: .outIn)
        let x = samples.matrix(rows, inSize)
        let y = Matrix(rows: rows, columns: outSize)
        func taken(_ weight: Weight) -> (buffers: Int, scratch: Int) {
            let context = ComputeContext(uncheckedThreadCount: 2, precision: precision)
            context.product(x, weight, into: y)
            return context.productMemory
        }
        let (own, plain) = (taken(weight), taken(single))
        let stated = BlockMemory([single, weight], precision: precision)
        #expect(stated.perRow == (moves ? 4 * outSize : 0))
        let isFew = rows <= 8
        #expect(
            own.buffers - plain.buffers == (isFew ? 0 : stated.slab) + rows * stated.perRow)
        if isFew {
            // A thread that finds no piece left widens nothing; singles need a panel to be rounded.
            #expect(own.scratch >= stated.perThread && own.scratch <= 2 * stated.perThread)
        }
        #expect(
            BlockMemory([single], precision: precision) == BlockMemory([], precision: precision))
    }

    @Test func blocksAlongOutputsAreRefused() throws {
        let bytes = ByteView([UInt8](repeating: 0, count: 34))
        #expect(throws: SwiftletError.self) {
            try Weight(bytes: bytes, dtype: .q8_0, outSize: 32, inSize: 1, order: .inOut)
        }
        #expect(throws: SwiftletError.self) {
            try Weight(bytes: bytes, dtype: .q8_0, outSize: 2, inSize: 16, order: .outIn)
        }
    }

    @Test(arguments: [1, 8, 9, 40], [DType.f32, .bf16, .i8])
    func rowsInAnotherOrderAreOutputsInTheirs(_ rows: Int, _ dtype: DType) throws {
        let (outSize, inSize) = (24, 40)
        let order = try #require(RowOrder(outer: 2, first: 3, second: 4, inner: 1))
        var samples = Samples(6)
        let stored = samples.matrix(outSize, inSize)
        let model = Matrix(rows: outSize, columns: inSize)
        for row in 0..<outSize {
            for column in 0..<inSize { model[row, column] = stored[order.storedRow(row), column] }
        }
        let context = contexts[1]
        func weight(_ matrix: Matrix, _ order: RowOrder?) throws -> Weight {
            let kind = dtype == .i8 ? DType.f32 : dtype
            let weight = try Weight(
                bytes: kind == .f32 ? matrix.bytes : matrix.narrowed(to: kind), dtype: kind,
                outSize: outSize, inSize: inSize, order: .outIn, rows: order)
            return dtype == .i8 ? weight.quantized(context) : weight
        }
        let (own, expected) = (try weight(stored, order), try weight(model, nil))
        #expect(own.widened().values == expected.widened().values)
        let (x, dy) = (samples.matrix(rows, inSize), samples.matrix(rows, outSize))
        let (bias, residual) = (samples.matrix(1, outSize), samples.matrix(rows, outSize))
        let (y, result) = (
            Matrix(rows: rows, columns: outSize), Matrix(rows: rows, columns: outSize)
        )
        context.product(x, own, bias: bias, addingTo: residual, into: y)
        context.product(x, expected, bias: bias, addingTo: residual, into: result)
        expectClose(y, result, within: 1e-5)
        let (dx, input) = (
            Matrix(rows: rows, columns: inSize), Matrix(rows: rows, columns: inSize)
        )
        context.productBackwardInput(dy, own, into: dx)
        context.productBackwardInput(dy, expected, into: input)
        expectClose(dx, input, within: 1e-5)
    }
}
