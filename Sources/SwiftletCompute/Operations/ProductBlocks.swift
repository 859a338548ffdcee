import CSwiftletKernels

// Products with weights that are stored in blocks of quantized elements, or whose file has the outputs in
// another order. A weight is never widened as a whole.

extension ComputeContext {
    /// Elements of a slab: 16 MB of private memory in single precision.
    static var slabElements: Int { 1 << 22 }

    /// The private memory in bytes that products with blocks take: a slab, and a panel for each thread.
    ///
    /// - Parameter threads: the number of threads.
    /// - Returns: the most for rows of up to 128 K inputs.
    public static func blockMemory(threads: Int) -> Int {
        4 * (slabElements + threads * panelElements)
    }

    /// Elements of a panel that one thread widens: 256 KB, so that it stays in the thread's cache.
    private static var panelElements: Int { 1 << 16 }

    /// A product of a few rows with a weight of blocks: each thread widens some outputs at a time.
    func productOfBlocks(
        _ x: Matrix, _ weight: Weight, bias: Matrix?, addingTo residual: Matrix?, into y: Matrix
    ) {
        let size = max(4, Self.panelElements / max(weight.inSize, 1))
        forEachPiece(of: weight.outSize, size: size) { outputs, _, thread in
            let target = y.columns(outputs)
            if let residual { target.copyUnlessSame(residual.columns(outputs)) }
            let panel = self.scratchMatrix(thread, rows: outputs.count, columns: weight.inSize)
            for row in 0..<outputs.count {
                weight.widen(
                    row: outputs.lowerBound + row, column: 0, count: weight.inSize,
                    into: panel.row(row))
            }
            swiftlet_product_out_in(
                SWIFTLET_F32, panel.pointer, panel.stride, x.pointer, x.stride,
                bias.map { UnsafePointer($0.pointer + outputs.lowerBound) }, target.pointer,
                target.stride, x.rows, outputs.count, weight.inSize, residual == nil ? 0 : 1)
        }
    }

    /// A product of many rows with a weight of blocks, a slab of outputs at a time.
    ///
    /// A result is the one that the widened weight gives, bit by bit: an element depends on its own output
    /// alone.
    func productInSlabs(
        _ x: Matrix, _ weight: Weight, bias: Matrix?, addingTo residual: Matrix?, into y: Matrix
    ) {
        forEachSlab(of: weight) { slab, outputs in
            self.product(
                x, slab, bias: bias?.columns(outputs), addingTo: residual?.columns(outputs),
                into: y.columns(outputs))
        }
    }

    /// dx = dy · weightᵀ, a slab of outputs at a time.
    func slabsBackward(_ dy: Matrix, _ weight: Weight, into dx: Matrix, accumulate: Bool) {
        if weight.outSize == 0, !accumulate { dx.fill(0) }
        forEachSlab(of: weight) { slab, outputs in
            self.productBackwardInput(
                dy.columns(outputs), slab, into: dx,
                accumulate: accumulate || outputs.lowerBound > 0)
        }
    }

    /// Passes on ranges of outputs in single precision, one after the other.
    private func forEachSlab(
        of weight: Weight, _ body: (_ slab: Weight, _ outputs: Range<Int>) -> Void
    ) {
        let width = weight.inSize
        // Whole panels of columns of the packed product.
        let size = max(32, Self.slabElements / max(width, 1) / 32 * 32)
        let memory = takeBuffer(count: min(size, weight.outSize) * width)
        defer { giveBack(memory) }
        for first in stride(from: 0, to: weight.outSize, by: size) {
            let outputs = first..<min(first + size, weight.outSize)
            let slab = Matrix(
                memory, offset: 0, rows: outputs.count, columns: width, stride: width)
            forEachPiece(of: outputs.count, size: 16) { rows, _, _ in
                for row in rows {
                    weight.widen(row: first + row, column: 0, count: width, into: slab.row(row))
                }
            }
            body(Weight(slab, order: .outIn), outputs)
        }
    }

    /// A product whose outputs are moved to their places afterwards.
    func productInStoredOrder(
        _ x: Matrix, _ weight: Weight, _ storedRows: [Int32], bias: Matrix?,
        addingTo residual: Matrix?, into y: Matrix
    ) {
        let width = weight.outSize
        let memory = takeBuffer(count: x.rows * width)
        defer { giveBack(memory) }
        let stored = Matrix(memory, offset: 0, rows: x.rows, columns: width, stride: width)
        product(x, weight.inStoredOrder, into: stored)
        forEachPiece(of: x.rows, size: 16) { rows, _, _ in
            for row in rows {
                let (source, target) = (stored.row(row), y.row(row))
                for output in 0..<width {
                    var value = source[Int(storedRows[output])]
                    if let bias { value += bias.pointer[output] }
                    if let residual { value += residual.row(row)[output] }
                    target[output] = value
                }
            }
        }
    }

    /// dx = dy · weightᵀ with the outputs moved to the weight's order first.
    func storedOrderBackward(
        _ dy: Matrix, _ weight: Weight, _ storedRows: [Int32], into dx: Matrix, accumulate: Bool
    ) {
        let width = weight.outSize
        let memory = takeBuffer(count: dy.rows * width)
        defer { giveBack(memory) }
        let stored = Matrix(memory, offset: 0, rows: dy.rows, columns: width, stride: width)
        forEachPiece(of: dy.rows, size: 16) { rows, _, _ in
            for row in rows {
                let (source, target) = (dy.row(row), stored.row(row))
                for output in 0..<width { target[Int(storedRows[output])] = source[output] }
            }
        }
        productBackwardInput(stored, weight.inStoredOrder, into: dx, accumulate: accumulate)
    }
}
