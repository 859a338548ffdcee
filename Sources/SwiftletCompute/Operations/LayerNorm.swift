import CSwiftletKernels

extension ComputeContext {
    /// Layer normalisation of each row (Ba, Kiros, Hinton 2016), as in `torch.nn.LayerNorm`:
    /// y = (x − mean) / sqrt(variance + epsilon) · gain + bias.
    ///
    /// - Parameters:
    ///   - x: rows × hidden.
    ///   - gain: 1 × hidden; nil multiplies by 1.
    ///   - bias: 1 × hidden; nil adds nothing.
    ///   - epsilon: the term added to the variance.
    ///   - y: rows × hidden; overwritten; may be `x`.
    ///   - statistics: 2 × rows; receives means and reciprocal standard deviations for the backward
    ///     pass.
    public func layerNorm(
        _ x: Matrix, gain: Matrix?, bias: Matrix?, epsilon: Float, into y: Matrix,
        statistics: Matrix?
    ) {
        precondition(x.rows == y.rows && x.columns == y.columns)
        precondition(gain.map { $0.columns == x.columns } ?? true)
        precondition(bias.map { $0.columns == x.columns } ?? true)
        precondition(statistics.map { $0.rows == 2 && $0.columns == x.rows } ?? true)
        forEachPiece(of: x.rows, size: Self.normRows) { rows, _, _ in
            swiftlet_layer_norm(
                x.row(rows.lowerBound), x.stride, gain?.pointer, bias?.pointer, epsilon,
                y.row(rows.lowerBound), y.stride,
                statistics.map { $0.row(0) + rows.lowerBound },
                statistics.map { $0.row(1) + rows.lowerBound }, rows.count, x.columns)
        }
    }

    /// The backward pass of ``layerNorm(_:gain:bias:epsilon:into:statistics:)``.
    ///
    /// - Parameters:
    ///   - dy: rows × hidden.
    ///   - x: the forward pass's input.
    ///   - gain: 1 × hidden, or nil as in the forward pass.
    ///   - statistics: 2 × rows, from the forward pass.
    ///   - dx: rows × hidden; overwritten, or added to with `accumulate`; may be `dy` unless
    ///     accumulating.
    ///   - accumulate: whether the gradient is added to dx.
    ///   - gainGradient: 1 × hidden; added to; nil if the gain is not trained.
    ///   - biasGradient: 1 × hidden; added to; nil if there is no bias, or it is not trained.
    ///   - workspace: memory for the sums of pieces of rows, which are added in order.
    public func layerNormBackward(
        _ dy: Matrix, x: Matrix, gain: Matrix?, statistics: Matrix, into dx: Matrix,
        accumulate: Bool, gainGradient: Matrix?, biasGradient: Matrix?, workspace: Workspace
    ) {
        precondition(dy.rows == x.rows && dx.rows == x.rows && dy.columns == x.columns)
        precondition(dx.columns == x.columns)
        precondition(gain.map { $0.columns == x.columns } ?? true)
        precondition(statistics.rows == 2 && statistics.columns == x.rows)
        precondition(gainGradient.map { $0.rows == 1 && $0.columns == x.columns } ?? true)
        precondition(biasGradient.map { $0.rows == 1 && $0.columns == x.columns } ?? true)
        let mark = workspace.mark
        defer { workspace.release(to: mark) }
        let pieces = (x.rows + Self.normRows - 1) / Self.normRows
        let gainSums = workspace.matrix(rows: pieces, columns: x.columns)
        let biasSums = workspace.matrix(rows: pieces, columns: x.columns)
        forEachPiece(of: x.rows, size: Self.normRows) { rows, piece, _ in
            gainSums.rows(piece..<piece + 1).fill(0)
            biasSums.rows(piece..<piece + 1).fill(0)
            swiftlet_layer_norm_backward(
                dy.row(rows.lowerBound), dy.stride, x.row(rows.lowerBound), x.stride,
                gain?.pointer, statistics.row(0) + rows.lowerBound,
                statistics.row(1) + rows.lowerBound, dx.row(rows.lowerBound), dx.stride,
                accumulate ? 1 : 0, gainSums.row(piece), biasSums.row(piece), rows.count, x.columns)
        }
        if let gainGradient {
            swiftlet_add_column_sums(
                gainSums.pointer, gainSums.stride, pieces, x.columns, gainGradient.pointer)
        }
        if let biasGradient {
            swiftlet_add_column_sums(
                biasSums.pointer, biasSums.stride, pieces, x.columns, biasGradient.pointer)
        }
    }

    /// Rows per piece of a normalisation.
    static var normRows: Int { 32 }
}
