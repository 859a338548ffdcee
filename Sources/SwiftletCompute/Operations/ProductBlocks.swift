import CSwiftletKernels

// Products with weights that are stored in blocks of quantized elements, or whose file has the outputs in
// another order. A weight is never widened as a whole.

extension ComputeContext {
    /// Elements of a slab: 16 MB in single precision, or 32 outputs if they are more.
    private static var slabLimit: Int { 1 << 22 }

    /// Elements of a panel that one thread widens: 256 KB, so that it stays in the thread's cache, or 4
    /// outputs if they are more.
    private static var panelLimit: Int { 1 << 16 }

    /// The outputs of a slab: whole panels of columns of the packed product.
    private static func slabOutputs(_ weight: Weight) -> Int {
        max(32, slabLimit / max(weight.inSize, 1) / 32 * 32)
    }

    /// The outputs of a panel.
    private static func panelOutputs(_ weight: Weight) -> Int {
        max(4, panelLimit / max(weight.inSize, 1))
    }

    /// Elements of the largest slab of a weight.
    static func slabElements(_ weight: Weight) -> Int {
        min(slabOutputs(weight), weight.outSize) * weight.inSize
    }

    /// Elements that a thread widens at a time in a product of few rows.
    static func panelElements(_ weight: Weight, _ precision: Precision) -> Int {
        precision == .bf16
            ? min(roundedOutputs, weight.outSize) * min(panelDepth, weight.inSize)
            : min(panelOutputs(weight), weight.outSize) * weight.inSize
    }

    /// A product of a few rows with a weight of blocks: each thread widens some outputs at a time.
    func productOfBlocks(
        _ x: Matrix, _ weight: Weight, bias: Matrix?, addingTo residual: Matrix?, into y: Matrix
    ) {
        forEachPiece(of: weight.outSize, size: Self.panelOutputs(weight)) { outputs, _, thread in
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
        let size = Self.slabOutputs(weight)
        let memory = takeBuffer(count: Self.slabElements(weight))
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
