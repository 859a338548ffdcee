import CSwiftletBLAS
import CSwiftletKernels

extension ComputeContext {
    /// y = x · weight (+ bias) (+ residual).
    ///
    /// Up to 8 rows the weight is read once by kernels of our own; more rows are cut into tiles, each
    /// one OpenBLAS call on one thread (a weight of 16 bits is widened a panel at a time). The cut
    /// depends on the shapes alone, so the bits do not depend on the threads.
    ///
    /// - Parameters:
    ///   - x: rows × inSize.
    ///   - weight: inSize → outSize.
    ///   - bias: 1 × outSize, added to each row.
    ///   - residual: rows × outSize, added; may be `y` itself.
    ///   - y: rows × outSize; overwritten.
    public func product(
        _ x: Matrix, _ weight: Weight, bias: Matrix? = nil, addingTo residual: Matrix? = nil,
        into y: Matrix
    ) {
        precondition(x.columns == weight.inSize && y.columns == weight.outSize)
        precondition(x.rows == y.rows, "input and output have different rows")
        precondition(bias.map { $0.rows == 1 && $0.columns == y.columns } ?? true)
        precondition(residual.map { $0.rows == y.rows && $0.columns == y.columns } ?? true)
        if x.rows <= Self.fewRows {
            productOfFewRows(x, weight, bias: bias, addingTo: residual, into: y)
        } else {
            productInTiles(x, weight, bias: bias, addingTo: residual, into: y)
        }
    }

    /// Products of at most so many rows are bound by reading the weight.
    static var fewRows: Int { 8 }

    private func productOfFewRows(
        _ x: Matrix, _ weight: Weight, bias: Matrix?, addingTo residual: Matrix?, into y: Matrix
    ) {
        switch weight.order {
        case .outIn: productByOutputs(x, weight, bias: bias, addingTo: residual, into: y)
        case .inOut: productByInputs(x, weight, bias: bias, addingTo: residual, into: y)
        }
    }

    /// Weight bytes in one piece of work: small enough to share out, long enough to stream.
    private static var streamedBytes: Int { 1 << 18 }

    /// Each piece is a run of the weight's rows, which are outputs.
    private func productByOutputs(
        _ x: Matrix, _ weight: Weight, bias: Matrix?, addingTo residual: Matrix?, into y: Matrix
    ) {
        let rowBytes = max(1, weight.inSize * weight.elementSize)
        let size = max(64, Self.streamedBytes / rowBytes / 64 * 64)
        forEachPiece(of: weight.outSize, size: size) { range, _, _ in
            let target = y.columns(range)
            if let residual { target.copyUnlessSame(residual.columns(range)) }
            swiftlet_product_out_in(
                weight.kernelDType, weight.address(row: range.lowerBound, column: 0),
                weight.inSize, x.pointer, x.stride,
                bias.map { UnsafePointer($0.pointer + range.lowerBound) }, target.pointer,
                target.stride, x.rows, range.count, weight.inSize, residual == nil ? 0 : 1)
        }
    }

    /// Each piece is a run of the weight's rows, which are inputs, with sums of its own; these are
    /// added up in order. A run of columns instead would touch a page of the file for every few
    /// rows.
    private func productByInputs(
        _ x: Matrix, _ weight: Weight, bias: Matrix?, addingTo residual: Matrix?, into y: Matrix
    ) {
        let rowBytes = max(1, weight.outSize * weight.elementSize)
        let enough = (weight.inSize + Self.mostInputPieces - 1) / Self.mostInputPieces
        let size = max(8, enough, Self.streamedBytes / rowBytes)
        let pieces = (weight.inSize + size - 1) / size
        let sums = Matrix(rows: max(pieces, 1) * x.rows, columns: weight.outSize)
        forEachPiece(of: weight.inSize, size: size) { range, piece, _ in
            let target = sums.rows(piece * x.rows..<(piece + 1) * x.rows)
            swiftlet_product_in_out(
                weight.kernelDType, weight.address(row: range.lowerBound, column: 0),
                weight.outSize, x.pointer + range.lowerBound, x.stride,
                piece == 0 ? bias.map { UnsafePointer($0.pointer) } : nil, target.pointer,
                target.stride, x.rows, weight.outSize, range.count, 0)
        }
        if pieces == 0, let bias {
            for row in 0..<x.rows { sums.rows(row..<row + 1).copy(from: bias) }
        }
        for row in 0..<x.rows {
            let target = y.rows(row..<row + 1)
            if let residual {
                let source = residual.rows(row..<row + 1)
                swiftlet_add(source.pointer, sums.row(row), target.pointer, target.columns)
            } else {
                target.copy(from: sums.rows(row..<row + 1))
            }
            for piece in 1..<max(pieces, 1) {
                swiftlet_axpy(
                    1, sums.row(piece * x.rows + row), target.pointer, target.columns)
            }
        }
    }

    /// Bounds the memory for the pieces' sums.
    private static var mostInputPieces: Int { 32 }

    private func productInTiles(
        _ x: Matrix, _ weight: Weight, bias: Matrix?, addingTo residual: Matrix?, into y: Matrix
    ) {
        let tiles = TileGrid(rows: x.rows, columns: weight.outSize)
        threads.forEach(tiles.count) { index, thread in
            let (rows, columns) = tiles[index]
            let target = y.rows(rows).columns(columns)
            let starts = target.begin(
                bias: bias?.columns(columns), residual: residual?.rows(rows).columns(columns))
            self.multiply(
                x.rows(rows), weight, outputs: columns, into: target, accumulate: starts,
                thread: thread)
        }
    }

    /// target (+)= x · weight[:, outputs], on the calling thread.
    func multiply(
        _ x: Matrix, _ weight: Weight, outputs: Range<Int>, into target: Matrix, accumulate: Bool,
        thread: Int
    ) {
        if weight.dtype == .f32 {
            let panel = weight.floats
            switch weight.order {
            case .outIn:
                Self.gemm(
                    x, transposed: false, panel.rows(outputs), transposed: true,
                    into: target, accumulate: accumulate)
            case .inOut:
                Self.gemm(
                    x, transposed: false, panel.columns(outputs), transposed: false,
                    into: target, accumulate: accumulate)
            }
            return
        }
        // A panel of inputs × outputs is widened and multiplied at a time, inputs in order.
        var first = 0
        while first < weight.inSize {
            let inputs = first..<min(first + Self.panelDepth, weight.inSize)
            let panel = widenedPanel(weight, inputs: inputs, outputs: outputs, thread: thread)
            Self.gemm(
                x.columns(inputs), transposed: false, panel, transposed: weight.order == .outIn,
                into: target, accumulate: accumulate || first > 0)
            first = inputs.upperBound
        }
    }

    /// Inputs in one widened panel: with 512 outputs it fills 1 MB.
    static var panelDepth: Int { 512 }

    /// A part of a weight in single precision, in the weight's order, in the thread's scratch.
    func widenedPanel(_ weight: Weight, inputs: Range<Int>, outputs: Range<Int>, thread: Int)
        -> Matrix
    {
        let (rows, columns) = weight.order == .outIn ? (outputs, inputs) : (inputs, outputs)
        let panel = scratchMatrix(thread, rows: rows.count, columns: columns.count)
        for row in 0..<rows.count {
            swiftlet_widen(
                weight.kernelDType,
                weight.address(row: rows.lowerBound + row, column: columns.lowerBound),
                panel.row(row), columns.count)
        }
        return panel
    }

    /// c (+)= a · b on the calling thread; either factor may be read transposed.
    static func gemm(
        _ a: Matrix, transposed aTransposed: Bool, _ b: Matrix, transposed bTransposed: Bool,
        into c: Matrix, accumulate: Bool, scale: Float = 1
    ) {
        let (m, k) = aTransposed ? (a.columns, a.rows) : (a.rows, a.columns)
        let (k2, n) = bTransposed ? (b.columns, b.rows) : (b.rows, b.columns)
        precondition(k == k2 && c.rows == m && c.columns == n, "the factors' shapes do not fit")
        guard m > 0, n > 0 else { return }
        cblas_sgemm(
            CblasRowMajor, aTransposed ? CblasTrans : CblasNoTrans,
            bTransposed ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), blasint(k), scale,
            a.pointer, blasint(max(a.stride, 1)), b.pointer, blasint(max(b.stride, 1)),
            accumulate ? 1 : 0, c.pointer, blasint(max(c.stride, 1)))
    }
}

extension Matrix {
    /// Writes what a product is added to: the residual, the bias, both; false if there is neither.
    fileprivate func begin(bias: Matrix?, residual: Matrix?) -> Bool {
        if let residual { copyUnlessSame(residual) }
        guard let bias else { return residual != nil }
        for row in 0..<rows {
            if residual == nil {
                self.row(row).update(from: bias.pointer, count: columns)
            } else {
                swiftlet_axpy(1, bias.pointer, self.row(row), columns)
            }
        }
        return true
    }

    fileprivate func copyUnlessSame(_ source: Matrix) {
        if source.pointer != pointer { copy(from: source) }
    }
}

extension Weight {
    /// The elements of an f32 weight as a matrix, in the weight's own order. For reading only.
    var floats: Matrix {
        precondition(dtype == .f32)
        return Matrix(
            borrowing: bytes, rows: order == .outIn ? outSize : inSize, columns: leadingDimension)
    }
}
