import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletCompute

@Suite struct WeightProductTests {
    /// Numbers of rows for both kinds of product, and sizes that end inside every kind of block.
    static let shapes = [
        (1, 5, 3), (2, 64, 64), (8, 33, 17), (9, 33, 17), (40, 130, 70), (400, 520, 600),
    ]

    @Test(arguments: shapes, [Weight.Order.outIn, .inOut])
    func productMatchesReference(_ shape: (Int, Int, Int), _ order: Weight.Order) throws {
        let (rows, outSize, inSize) = shape
        var samples = Samples(1)
        let x = samples.matrix(rows, inSize)
        let stored =
            order == .outIn ? samples.matrix(outSize, inSize) : samples.matrix(inSize, outSize)
        let (bias, residual) = (samples.matrix(1, outSize), samples.matrix(rows, outSize))
        let table = Reference.Table(stored)
        var expected = Reference.product(
            Reference.Table(x), order == .outIn ? table.transposed : table)
        for row in 0..<rows {
            for column in 0..<outSize {
                expected[row, column] += Double(bias[0, column] + residual[row, column])
            }
        }
        let results = contexts.map { context in
            let y = Matrix(rows: rows, columns: outSize)
            context.product(
                x, Weight(stored, order: order), bias: bias, addingTo: residual, into: y)
            return y
        }
        expectClose(results[0], expected, within: 4e-5)
        for result in results { #expect(result.values == results[0].values) }
        // The result overwrites the residual.
        contexts[1].product(
            x, Weight(stored, order: order), bias: bias, addingTo: residual, into: residual)
        #expect(residual.values == results[0].values)
    }

    @Test(arguments: shapes, [DType.f16, .bf16])
    func sixteenBitWeightsMatchTheirWidenedValues(_ shape: (Int, Int, Int), _ dtype: DType) throws {
        let (rows, outSize, inSize) = shape
        var samples = Samples(2)
        let (x, dy) = (samples.matrix(rows, inSize), samples.matrix(rows, outSize))
        for order in [Weight.Order.outIn, .inOut] {
            let stored =
                order == .outIn ? samples.matrix(outSize, inSize) : samples.matrix(inSize, outSize)
            let half = try Weight(
                bytes: stored.narrowed(to: dtype), dtype: dtype, outSize: outSize,
                inSize: inSize, order: order)
            let single = Weight(half.widened(), order: order)
            let (y, expected) = (
                Matrix(rows: rows, columns: outSize), Matrix(rows: rows, columns: outSize)
            )
            contexts[1].product(x, half, into: y)
            contexts[1].product(x, single, into: expected)
            expectClose(y, expected, within: 4e-5)
            let (dx, expectedInput) = (
                Matrix(rows: rows, columns: inSize), Matrix(rows: rows, columns: inSize)
            )
            contexts[1].productBackwardInput(dy, half, into: dx)
            contexts[1].productBackwardInput(dy, single, into: expectedInput)
            expectClose(dx, expectedInput, within: 4e-5)
        }
    }

    @Test(arguments: shapes, [DType.f32, .f16, .bf16])
    func quantizedWeightsMatchTheirWidenedValues(_ shape: (Int, Int, Int), _ dtype: DType) throws {
        let (rows, outSize, inSize) = shape
        var samples = Samples(5)
        let (x, dy) = (samples.matrix(rows, inSize), samples.matrix(rows, outSize))
        let (bias, residual) = (samples.matrix(1, outSize), samples.matrix(rows, outSize))
        for order in [Weight.Order.outIn, .inOut] {
            let stored =
                order == .outIn ? samples.matrix(outSize, inSize) : samples.matrix(inSize, outSize)
            let weight =
                dtype == .f32
                ? Weight(stored, order: order)
                : try Weight(
                    bytes: stored.narrowed(to: dtype), dtype: dtype, outSize: outSize,
                    inSize: inSize, order: order)
            let quantized = contexts[0].quantizedOnEveryContext(weight)
            let scales = try #require(quantized.scales)
            let (source, wide) = (weight.widened(), quantized.widened())
            for row in 0..<source.rows {
                for column in 0..<source.columns {
                    let scale = scales[0, order == .outIn ? row : column]
                    #expect(abs(wide[row, column] - source[row, column]) <= scale * 0.50001)
                }
            }
            for output in 0..<outSize {
                let most = (0..<inSize).map {
                    abs(order == .outIn ? source[output, $0] : source[$0, output])
                }.max()
                #expect(scales[0, output] == (most ?? 0) / 127)
            }
            let single = Weight(wide, order: order)
            let results = [quantized, single].map { weight in
                let y = Matrix(rows: rows, columns: outSize)
                contexts[1].product(x, weight, bias: bias, addingTo: residual, into: y)
                return y
            }
            expectClose(results[0], results[1], within: 4e-5)
            let gradients = [quantized, single].map { weight in
                let dx = Matrix(rows: rows, columns: inSize)
                contexts[1].productBackwardInput(dy, weight, into: dx)
                return dx
            }
            expectClose(gradients[0], gradients[1], within: 4e-5)
            if order == .outIn {
                let y = Matrix(rows: 2, columns: inSize)
                contexts[1].embed(
                    [Int32(outSize - 1), 0], tokens: quantized, places: [], positions: nil, into: y)
                #expect(
                    y.values == wide.rows(outSize - 1..<outSize).values + wide.rows(0..<1).values)
            }
        }
    }

    @Test func outputsThatCannotBeQuantizedBecomeNaN() {
        let x = Matrix(
            rows: 5, columns: 3,
            [0, 0, 0, 1, .infinity, 2, .nan, 1, 1, 1e-36, -1e-37, 0, 254, -3, 1.9])
        for order in [Weight.Order.outIn, .inOut] {
            let stored = order == .outIn ? x : transposed(x)
            let quantized = Weight(stored, order: order).quantized(contexts[1])
            let wide = order == .outIn ? quantized.widened() : transposed(quantized.widened())
            #expect(wide.rows(0..<1).values == [0, 0, 0])
            #expect(wide.rows(1..<3).values.allSatisfy { $0.isNaN })
            #expect(wide.rows(3..<4).values == [0, 0, 0])
            // The scale is 2; midpoints are rounded to even multiples.
            #expect(wide.rows(4..<5).values == [254, -4, 2])
        }
    }

    @Test(arguments: shapes, [Weight.Order.outIn, .inOut])
    func backwardMatchesReference(_ shape: (Int, Int, Int), _ order: Weight.Order) {
        let (rows, outSize, inSize) = shape
        var samples = Samples(3)
        let (x, dy) = (samples.matrix(rows, inSize), samples.matrix(rows, outSize))
        let stored =
            order == .outIn ? samples.matrix(outSize, inSize) : samples.matrix(inSize, outSize)
        let table = order == .outIn ? Reference.Table(stored) : Reference.Table(stored).transposed
        let dxExpected = Reference.product(Reference.Table(dy), table)
        let dwExpected =
            order == .outIn
            ? Reference.product(Reference.Table(dy).transposed, Reference.Table(x))
            : Reference.product(Reference.Table(x).transposed, Reference.Table(dy))
        var seen: [[Float]] = []
        for context in contexts {
            let dx = Matrix(rows: rows, columns: inSize)
            let dw = Matrix(rows: stored.rows, columns: stored.columns)
            let db = Matrix(rows: 1, columns: outSize)
            context.productBackwardInput(dy, Weight(stored, order: order), into: dx)
            context.productBackwardWeight(dy, x, order: order, addingTo: dw)
            context.biasBackward(dy, addingTo: db)
            expectClose(dx, dxExpected, within: 4e-5)
            expectClose(dw, dwExpected, within: 4e-5)
            let ones = Reference.Table(
                rows: 1, columns: rows, Array(repeating: 1, count: rows))
            expectClose(db, Reference.product(ones, Reference.Table(dy)), within: 1e-5)
            seen.append(dx.values + dw.values + db.values)
        }
        #expect(seen.allSatisfy { $0 == seen[0] })
    }

    @Test func linearMatchesPyTorch() throws {
        let vectors = try Vectors("linear")
        let (x, w) = (try vectors.matrix("input"), try vectors.matrix("weight"))
        let dy = try vectors.matrix("grad_output")
        let weight = Weight(w, order: .inOut)
        let y = Matrix(rows: x.rows, columns: w.columns)
        contexts[1].product(x, weight, bias: try vectors.matrix("bias"), into: y)
        expectClose(y, try vectors.matrix("output"), within: 1e-6)
        let (dx, dw) = (
            Matrix(rows: x.rows, columns: x.columns), Matrix(rows: w.rows, columns: w.columns)
        )
        let db = Matrix(rows: 1, columns: w.columns)
        contexts[1].productBackwardInput(dy, weight, into: dx)
        contexts[1].productBackwardWeight(dy, x, order: .inOut, addingTo: dw)
        contexts[1].biasBackward(dy, addingTo: db)
        expectClose(dx, try vectors.matrix("grad_input"), within: 1e-5)
        expectClose(dw, try vectors.matrix("grad_weight"), within: 1e-5)
        expectClose(db, try vectors.matrix("grad_bias"), within: 1e-5)
    }

    @Test func tilesCoverEveryShapeExactlyOnce() {
        for (rows, columns) in [(1, 1), (9, 50_257), (385, 513), (2048, 64), (16, 16), (5000, 3)] {
            let grid = TileGrid(rows: rows, columns: columns)
            var area = 0
            var last = (0, 0)
            for index in 0..<grid.count {
                let tile = grid[index]
                #expect(!tile.rows.isEmpty && !tile.columns.isEmpty)
                area += tile.rows.count * tile.columns.count
                last = (tile.rows.upperBound, tile.columns.upperBound)
            }
            #expect(area == rows * columns)
            #expect(last == (rows, columns))
        }
    }

    @Test func misalignedWeightsAreCopiedAndReported() throws {
        var samples = Samples(4)
        let w = samples.matrix(3, 5)
        let shifted = ByteView([0] + w.bytes.copy())[1..<61]
        let weight = try Weight(
            bytes: shifted, dtype: .f32, outSize: 3, inSize: 5, order: .outIn)
        #expect(weight.wasCopied)
        #expect(weight.widened().values == w.values)
        #expect(throws: SwiftletError(.weightSize, "")) {
            try Weight(bytes: shifted, dtype: .f32, outSize: 4, inSize: 5, order: .outIn)
        }
        #expect(throws: SwiftletError(.weightDType, "")) {
            try Weight(bytes: shifted, dtype: .i32, outSize: 3, inSize: 5, order: .outIn)
        }
    }
}

@Suite struct ProductCheckTests {
    @Test func productsAreCorrectOnThisProcessor() throws { try ComputeContext.checkProducts() }
}

extension ComputeContext {
    /// Quantizes a weight on every context and expects bit-identical results.
    fileprivate func quantizedOnEveryContext(_ weight: Weight) -> Weight {
        let results = contexts.map { weight.quantized($0) }
        for result in results {
            #expect(result.bytes.copy() == results[0].bytes.copy())
            #expect(result.scales?.values == results[0].scales?.values)
            #expect(result.quantized(self).bytes.address == result.bytes.address)
        }
        return results[0]
    }
}

private func transposed(_ x: Matrix) -> Matrix {
    let table = Reference.Table(x).transposed
    return Matrix(rows: x.columns, columns: x.rows, table.values.map { Float($0) })
}
