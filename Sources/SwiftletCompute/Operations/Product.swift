import CSwiftletBLAS
import CSwiftletKernels

extension ComputeContext {
    /// y = x · weight (+ bias) (+ residual).
    ///
    /// For up to 8 rows, kernels read the weight once. For more rows, both factors are packed into
    /// panels, in which a weight is widened on the way. Results do not depend on the number of
    /// threads, nor a row on the others.
    ///
    /// Under ``Precision/bf16`` both factors are rounded first. Processors with instructions for
    /// pairs of bf16 use them for more than 8 rows.
    ///
    /// - Parameters:
    ///   - x: rows × inSize.
    ///   - weight: the weight, of outSize outputs and inSize inputs.
    ///   - bias: 1 × outSize; added to each row.
    ///   - residual: rows × outSize; added to the product; may be `y`.
    ///   - y: rows × outSize; overwritten.
    public func product(
        _ x: Matrix, _ weight: Weight, bias: Matrix? = nil, addingTo residual: Matrix? = nil,
        into y: Matrix
    ) {
        precondition(x.columns == weight.inSize && y.columns == weight.outSize)
        precondition(x.rows == y.rows, "input and output have different numbers of rows")
        precondition(bias.map { $0.rows == 1 && $0.columns == y.columns } ?? true)
        precondition(residual.map { $0.rows == y.rows && $0.columns == y.columns } ?? true)
        if let rows = weight.storedRows {
            return productInStoredOrder(
                x, weight, rows, bias: bias, addingTo: residual, into: y)
        }
        if weight.dtype.block != nil, x.rows > Self.fewRows {
            return productInSlabs(x, weight, bias: bias, addingTo: residual, into: y)
        }
        guard precision == .bf16, weight.dtype != .i8 else {
            return product(x, weight, rounding: false, bias: bias, addingTo: residual, into: y)
        }
        if x.rows > Self.fewRows, Self.multipliesPanels {
            return productInPanels(x, weight, bias: bias, addingTo: residual, into: y)
        }
        let memory = takeBuffer(count: x.count)
        defer { giveBack(memory) }
        let rounded = Matrix(
            memory, offset: 0, rows: x.rows, columns: x.columns, stride: x.columns)
        forEachPiece(of: x.rows, size: 16) { rows, _, _ in
            for row in rows { swiftlet_round_bf16(x.row(row), rounded.row(row), x.columns) }
        }
        product(rounded, weight, rounding: true, bias: bias, addingTo: residual, into: y)
    }

    /// A product whose `x` is already rounded if `rounding`, in which case the weight is rounded too.
    private func product(
        _ x: Matrix, _ weight: Weight, rounding: Bool, bias: Matrix?, addingTo residual: Matrix?,
        into y: Matrix
    ) {
        if x.rows > Self.fewRows {
            if Self.multipliesPanels, weight.dtype != .i8 {
                productInPanels(x, weight, bias: bias, addingTo: residual, into: y)
            } else {
                productInTiles(
                    x, weight, rounding: rounding, bias: bias, addingTo: residual, into: y)
            }
        } else if rounding && weight.dtype != .bf16 {
            productOfRoundedRows(x, weight, bias: bias, addingTo: residual, into: y)
        } else {
            productOfFewRows(x, weight, bias: bias, addingTo: residual, into: y)
        }
    }

    /// The largest number of rows for which a product is limited by reading the weight.
    static var fewRows: Int { 8 }

    private func productOfFewRows(
        _ x: Matrix, _ weight: Weight, bias: Matrix?, addingTo residual: Matrix?, into y: Matrix
    ) {
        switch weight.order {
        case .outIn where weight.dtype.block != nil:
            productOfBlocks(x, weight, bias: bias, addingTo: residual, into: y)
        case .outIn: productByOutputs(x, weight, bias: bias, addingTo: residual, into: y)
        case .inOut: productByInputs(x, weight, bias: bias, addingTo: residual, into: y)
        }
    }

    /// Weight bytes per piece: few enough to divide the work, enough to stream.
    private static var streamedBytes: Int { 1 << 18 }

    /// A product with a weight whose rows are outputs.
    ///
    /// Each piece is a range of them.
    private func productByOutputs(
        _ x: Matrix, _ weight: Weight, bias: Matrix?, addingTo residual: Matrix?, into y: Matrix
    ) {
        let rowBytes = max(1, weight.inSize * weight.elementSize)
        let size = max(64, Self.streamedBytes / rowBytes / 64 * 64)
        forEachPiece(of: weight.outSize, size: size) { range, _, _ in
            let target = y.columns(range)
            if let residual { target.copyUnlessSame(residual.columns(range)) }
            let rows = weight.address(row: range.lowerBound, column: 0)
            let bias = bias.map { UnsafePointer($0.pointer + range.lowerBound) }
            let (stride, accumulate): (Int, Int32) = (weight.inSize, residual == nil ? 0 : 1)
            if let scales = weight.scales {
                swiftlet_product_out_in_i8(
                    rows.assumingMemoryBound(to: Int8.self), stride,
                    scales.pointer + range.lowerBound, x.pointer, x.stride, bias, target.pointer,
                    target.stride, x.rows, range.count, weight.inSize, accumulate)
            } else {
                swiftlet_product_out_in(
                    weight.kernelDType, rows, stride, x.pointer, x.stride, bias, target.pointer,
                    target.stride, x.rows, range.count, weight.inSize, accumulate)
            }
        }
    }

    /// A product with a weight whose rows are inputs.
    ///
    /// Each piece is a range of inputs and yields a partial sum of all outputs; these are added in
    /// order. Ranges of columns would need no partial sums, but each would touch a page of the file
    /// every few rows.
    private func productByInputs(
        _ x: Matrix, _ weight: Weight, bias: Matrix?, addingTo residual: Matrix?, into y: Matrix
    ) {
        let size = max(8, (weight.inSize + Self.inputPieces - 1) / Self.inputPieces)
        let pieces = max(1, (weight.inSize + size - 1) / size)
        let (rows, width) = (x.rows, weight.outSize)
        let memory = takeBuffer(count: pieces * rows * width)
        defer { giveBack(memory) }
        let sums = Matrix(
            memory, offset: 0, rows: pieces * rows, columns: width, stride: width)
        threads.forEach(pieces) { piece, _ in
            let inputs = piece * size..<min((piece + 1) * size, weight.inSize)
            let target = sums.rows(piece * rows..<(piece + 1) * rows)
            let (lines, own) = (
                weight.address(row: inputs.lowerBound, column: 0), x.pointer + inputs.lowerBound
            )
            let bias = piece == 0 ? bias.map { UnsafePointer($0.pointer) } : nil
            if let scales = weight.scales {
                swiftlet_product_in_out_i8(
                    lines.assumingMemoryBound(to: Int8.self), width, scales.pointer, own, x.stride,
                    bias, target.pointer, target.stride, rows, width, inputs.count, 0)
            } else {
                swiftlet_product_in_out(
                    weight.kernelDType, lines, width, own, x.stride, bias, target.pointer,
                    target.stride, rows, width, inputs.count, 0)
            }
        }
        forEachPiece(of: width, size: 1024) { columns, _, _ in
            for row in 0..<rows {
                let target = y.row(row) + columns.lowerBound
                let first = sums.row(row) + columns.lowerBound
                if let residual {
                    swiftlet_add(
                        residual.row(row) + columns.lowerBound, first, target, columns.count)
                } else {
                    target.update(from: first, count: columns.count)
                }
                for piece in 1..<pieces {
                    swiftlet_axpy(
                        1, sums.row(piece * rows + row) + columns.lowerBound, target,
                        columns.count)
                }
            }
        }
    }

    /// Enough pieces to divide the work, few enough that adding their sums costs little.
    private static var inputPieces: Int { 16 }

    private func productInPanels(
        _ x: Matrix, _ weight: Weight, bias: Matrix?, addingTo residual: Matrix?, into y: Matrix
    ) {
        multiplyPanels(
            ProductFactor(x, isBySteps: false), ProductFactor(weight), depth: weight.inSize, into: y
        ) { part, rows, columns in
            part.begin(
                bias: bias?.columns(columns), residual: residual?.rows(rows).columns(columns))
        }
    }

    /// A product by OpenBLAS: of 8-bit weights, and where there are only the portable kernels.
    ///
    /// The result is divided into tiles, each of which is one call on one thread; a weight that is
    /// not f32 is widened panel by panel.
    private func productInTiles(
        _ x: Matrix, _ weight: Weight, rounding: Bool, bias: Matrix?, addingTo residual: Matrix?,
        into y: Matrix
    ) {
        let tiles = TileGrid(rows: x.rows, columns: weight.outSize)
        threads.forEach(tiles.count) { index, thread in
            let (rows, columns) = tiles[index]
            let target = y.rows(rows).columns(columns)
            let starts = target.begin(
                bias: bias?.columns(columns), residual: residual?.rows(rows).columns(columns))
            self.multiply(
                x.rows(rows), weight, rounding: rounding, outputs: columns, into: target,
                accumulate: starts, thread: thread)
        }
    }

    /// target (+)= x · weight[:, outputs], on the calling thread.
    private func multiply(
        _ x: Matrix, _ weight: Weight, rounding: Bool, outputs: Range<Int>, into target: Matrix,
        accumulate: Bool, thread: Int
    ) {
        if weight.dtype == .f32 && !rounding {
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
        // Widen and multiply one panel of inputs × outputs at a time, inputs in order.
        var first = 0
        while first < weight.inSize {
            let inputs = first..<min(first + Self.panelDepth, weight.inSize)
            let panel = widenedPanel(weight, inputs: inputs, outputs: outputs, thread: thread)
            if rounding && weight.dtype != .bf16 {
                swiftlet_round_bf16(panel.pointer, panel.pointer, panel.count)
            }
            Self.gemm(
                x.columns(inputs), transposed: false, panel, transposed: weight.order == .outIn,
                into: target, accumulate: accumulate || first > 0)
            first = inputs.upperBound
        }
    }

    /// Inputs per widened panel, which fills 1 MB with 512 outputs.
    static var panelDepth: Int { 512 }

    /// A part of a weight in single precision, in the weight's order, in the thread's scratch memory.
    func widenedPanel(_ weight: Weight, inputs: Range<Int>, outputs: Range<Int>, thread: Int)
        -> Matrix
    {
        let (rows, columns) = weight.order == .outIn ? (outputs, inputs) : (inputs, outputs)
        let panel = scratchMatrix(thread, rows: rows.count, columns: columns.count)
        for row in 0..<rows.count {
            weight.widen(
                row: rows.lowerBound + row, column: columns.lowerBound, count: columns.count,
                into: panel.row(row))
        }
        return panel
    }

    /// c (+)= scale · a · b on the calling thread; each factor may be used transposed.
    static func gemm(
        _ a: Matrix, transposed aTransposed: Bool, _ b: Matrix, transposed bTransposed: Bool,
        into c: Matrix, accumulate: Bool, scale: Float = 1
    ) {
        let (m, k) = aTransposed ? (a.columns, a.rows) : (a.rows, a.columns)
        let (k2, n) = bTransposed ? (b.columns, b.rows) : (b.rows, b.columns)
        precondition(
            k == k2 && c.rows == m && c.columns == n, "the shapes of the factors do not match")
        guard m > 0, n > 0 else { return }
        func form(_ transposed: Bool) -> Int32 {
            Int32(transposed ? SWIFTLET_BLAS_TRANSPOSED : SWIFTLET_BLAS_AS_STORED)
        }
        ProductLibrary.multiply(
            Int32(SWIFTLET_BLAS_ROW_MAJOR), form(aTransposed), form(bTransposed), Int32(m),
            Int32(n), Int32(k), scale, a.pointer, Int32(max(a.stride, 1)), b.pointer,
            Int32(max(b.stride, 1)), accumulate ? 1 : 0, c.pointer, Int32(max(c.stride, 1)))
    }
}

extension Matrix {
    /// Writes what a product is added to: the residual, the bias or their sum.
    ///
    /// - Returns: False if there is neither, in which case nothing is written.
    func begin(bias: Matrix?, residual: Matrix?) -> Bool {
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

    func copyUnlessSame(_ source: Matrix) {
        if source.pointer != pointer { copy(from: source) }
    }
}

extension Weight {
    /// A read-only matrix over an f32 weight, in the weight's order.
    var floats: Matrix {
        precondition(dtype == .f32)
        return Matrix(
            borrowing: bytes, rows: order == .outIn ? outSize : inSize, columns: leadingDimension)
    }
}
