import SwiftletBytes
import Testing

@testable import SwiftletCompute

@Suite struct WeightProductTests {
    /// Rows below and above the border between the two ways; sizes that end inside every block.
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
        #expect(results[0].distance(from: expected) < 1e-5)
        for result in results { #expect(result.values == results[0].values) }
        // In place on the residual.
        contexts[1].product(
            x, Weight(stored, order: order), bias: bias, addingTo: residual, into: residual)
        #expect(residual.values == results[0].values)
    }

    @Test(arguments: shapes, [DType.f16, .bf16])
    func halfWeightsMatchTheirWidenedSelves(_ shape: (Int, Int, Int), _ dtype: DType) throws {
        let (rows, outSize, inSize) = shape
        var samples = Samples(2)
        let (x, dy) = (samples.matrix(rows, inSize), samples.matrix(rows, outSize))
        for order in [Weight.Order.outIn, .inOut] {
            let stored =
                order == .outIn ? samples.matrix(outSize, inSize) : samples.matrix(inSize, outSize)
            let half = try Weight(
                bytes: stored.narrowed(to: dtype).bytes, dtype: dtype, outSize: outSize,
                inSize: inSize, order: order)
            let single = Weight(half.widened(), order: order)
            let (y, expected) = (
                Matrix(rows: rows, columns: outSize), Matrix(rows: rows, columns: outSize)
            )
            contexts[1].product(x, half, into: y)
            contexts[1].product(x, single, into: expected)
            #expect(y.distance(from: expected) < 1e-5)
            let (dx, expectedInput) = (
                Matrix(rows: rows, columns: inSize), Matrix(rows: rows, columns: inSize)
            )
            contexts[1].productBackwardInput(dy, half, into: dx)
            contexts[1].productBackwardInput(dy, single, into: expectedInput)
            #expect(dx.distance(from: expectedInput) < 1e-5)
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
            #expect(dx.distance(from: dxExpected) < 1e-5)
            #expect(dw.distance(from: dwExpected) < 1e-5)
            let ones = Reference.Table(
                rows: 1, columns: rows, Array(repeating: 1, count: rows))
            #expect(
                db.distance(from: Reference.product(ones, Reference.Table(dy))) < 1e-5)
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
        #expect(y.distance(from: try vectors.matrix("output")) < 1e-6)
        let (dx, dw) = (
            Matrix(rows: x.rows, columns: x.columns), Matrix(rows: w.rows, columns: w.columns)
        )
        let db = Matrix(rows: 1, columns: w.columns)
        contexts[1].productBackwardInput(dy, weight, into: dx)
        contexts[1].productBackwardWeight(dy, x, order: .inOut, addingTo: dw)
        contexts[1].biasBackward(dy, addingTo: db)
        #expect(dx.distance(from: try vectors.matrix("grad_input")) < 1e-5)
        #expect(dw.distance(from: try vectors.matrix("grad_weight")) < 1e-5)
        #expect(db.distance(from: try vectors.matrix("grad_bias")) < 1e-5)
    }

    @Test func tilesCoverEveryShapeOnce() {
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

    @Test func misalignedWeightsAreCopiedAndSaid() throws {
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
    @Test func thisMachinesProductsAreRight() throws { try ComputeContext.checkProducts() }
}
