import CSwiftletKernels

extension ComputeContext {
    /// The gradient of a product with respect to its input: dx = dy · weightᵀ.
    ///
    /// Both factors are rounded under ``Precision/bf16``, as in the product itself.
    ///
    /// - Parameters:
    ///   - dy: rows × outSize.
    ///   - weight: the weight of the product.
    ///   - dx: rows × inSize; overwritten, or added to with `accumulate`.
    ///   - accumulate: whether the gradient is added to dx.
    public func productBackwardInput(
        _ dy: Matrix, _ weight: Weight, into dx: Matrix, accumulate: Bool = false
    ) {
        precondition(dy.columns == weight.outSize && dx.columns == weight.inSize)
        precondition(dy.rows == dx.rows)
        if let rows = weight.storedRows {
            return storedOrderBackward(dy, weight, rows, into: dx, accumulate: accumulate)
        }
        if weight.dtype.block != nil {
            return slabsBackward(dy, weight, into: dx, accumulate: accumulate)
        }
        if Self.multipliesPanels || precision == .bf16, weight.dtype != .i8 {
            multiplyPanels(
                ProductFactor(dy, isBySteps: false), ProductFactor(weight, isTransposed: true),
                depth: weight.outSize, into: dx
            ) { _, _, _ in accumulate }
            return
        }
        let tiles = TileGrid(rows: dx.rows, columns: weight.inSize)
        threads.forEach(tiles.count) { index, thread in
            let (rows, inputs) = tiles[index]
            let target = dx.rows(rows).columns(inputs)
            if weight.dtype == .f32 {
                let panel = weight.floats
                Self.gemm(
                    dy.rows(rows), transposed: false,
                    weight.order == .outIn ? panel.columns(inputs) : panel.rows(inputs),
                    transposed: weight.order == .inOut, into: target, accumulate: accumulate)
                return
            }
            var first = 0
            while first < weight.outSize {
                let outputs = first..<min(first + Self.panelDepth, weight.outSize)
                let panel = self.widenedPanel(
                    weight, inputs: inputs, outputs: outputs, thread: thread)
                Self.gemm(
                    dy.rows(rows).columns(outputs), transposed: false, panel,
                    transposed: weight.order == .inOut, into: target,
                    accumulate: accumulate || first > 0)
                first = outputs.upperBound
            }
        }
    }

    /// The gradient of a product with respect to its weight: gradient += dyᵀ · x for
    /// ``Weight/Order/outIn``, xᵀ · dy for ``Weight/Order/inOut``.
    ///
    /// Both factors are rounded under ``Precision/bf16``; the gradient is not.
    ///
    /// - Parameters:
    ///   - dy: rows × outSize.
    ///   - x: rows × inSize, the input of the product.
    ///   - order: the order of the gradient.
    ///   - gradient: outSize × inSize or inSize × outSize; added to.
    public func productBackwardWeight(
        _ dy: Matrix, _ x: Matrix, order: Weight.Order, addingTo gradient: Matrix
    ) {
        productBackwardWeight(dy, x, order: order, into: gradient, accumulate: true)
    }

    /// The gradient of a product with respect to its weight, as the next addend of a sum.
    ///
    /// - Parameters:
    ///   - dy: rows × outSize.
    ///   - x: rows × inSize, the input of the product.
    ///   - order: the order of the gradient.
    ///   - sum: outSize × inSize or inSize × outSize.
    public func productBackwardWeight(
        _ dy: Matrix, _ x: Matrix, order: Weight.Order, addingTo sum: GradientSum
    ) {
        let (memory, adds) = sum.next()
        productBackwardWeight(dy, x, order: order, into: memory, accumulate: adds)
    }

    private func productBackwardWeight(
        _ dy: Matrix, _ x: Matrix, order: Weight.Order, into gradient: Matrix, accumulate: Bool
    ) {
        precondition(dy.rows == x.rows)
        let (left, right) = order == .outIn ? (dy, x) : (x, dy)
        precondition(gradient.rows == left.columns && gradient.columns == right.columns)
        if Self.multipliesPanels || precision == .bf16 {
            multiplyPanels(
                ProductFactor(left, isBySteps: true), ProductFactor(right, isBySteps: true),
                depth: dy.rows, into: gradient
            ) { _, _, _ in accumulate }
            return
        }
        let tiles = TileGrid(rows: gradient.rows, columns: gradient.columns)
        threads.forEach(tiles.count) { index, _ in
            let (rows, columns) = tiles[index]
            Self.gemm(
                left.columns(rows), transposed: true, right.columns(columns), transposed: false,
                into: gradient.rows(rows).columns(columns), accumulate: accumulate)
        }
    }

    /// The gradient of a bias: gradient += column sums of dy, rows in order.
    ///
    /// - Parameters:
    ///   - dy: rows × outSize.
    ///   - gradient: 1 × outSize; added to.
    public func biasBackward(_ dy: Matrix, addingTo gradient: Matrix) {
        precondition(gradient.rows == 1 && gradient.columns == dy.columns)
        forEachPiece(of: dy.columns, size: 256) { columns, _, _ in
            swiftlet_add_column_sums(
                dy.pointer + columns.lowerBound, dy.stride, dy.rows, columns.count,
                gradient.pointer + columns.lowerBound)
        }
    }
}
