import CSwiftletKernels

extension ComputeContext {
    /// Root mean square normalisation of each row (Zhang, Sennrich 2019), as in `torch.nn.RMSNorm`:
    /// y = x / sqrt(mean of x² + epsilon) · gain.
    ///
    /// - Parameters:
    ///   - x: rows × hidden.
    ///   - gain: 1 × hidden.
    ///   - epsilon: the term added to the mean of the squares.
    ///   - y: rows × hidden; overwritten; may be `x`.
    ///   - statistics: 1 × rows; receives the factor of each row for the backward pass.
    public func rmsNorm(
        _ x: Matrix, gain: Matrix, epsilon: Float, into y: Matrix, statistics: Matrix?
    ) {
        rmsNorm(
            Heads(x, count: 1, size: x.columns), gain: gain, epsilon: epsilon,
            into: Heads(y, count: 1, size: y.columns), statistics: statistics)
    }

    /// Root mean square normalisation of each head of each row by itself.
    ///
    /// - Parameters:
    ///   - heads: heads of any number of rows.
    ///   - gain: 1 × head size, shared by all heads.
    ///   - epsilon: the term added to the mean of the squares.
    ///   - y: the same shape as `heads`; overwritten; may be `heads`.
    ///   - statistics: heads × rows; receives the factors for the backward pass.
    public func rmsNorm(
        _ heads: Heads, gain: Matrix, epsilon: Float, into y: Heads, statistics: Matrix?
    ) {
        precondition(heads.rows == y.rows && heads.count == y.count && heads.size == y.size)
        precondition(gain.rows == 1 && gain.columns == heads.size)
        precondition(
            statistics.map { $0.rows == heads.count && $0.columns == heads.rows } ?? true)
        forEachPiece(of: heads.rows, size: Self.normRows) { rows, _, _ in
            for head in 0..<heads.count {
                let (source, target) = (heads.head(head), y.head(head))
                swiftlet_rms_norm(
                    source.row(rows.lowerBound), source.stride, gain.pointer, epsilon,
                    target.row(rows.lowerBound), target.stride,
                    statistics.map { $0.row(head) + rows.lowerBound }, rows.count, heads.size)
            }
        }
    }

    /// The backward pass of ``rmsNorm(_:gain:epsilon:into:statistics:)-(Matrix,_,_,_,_)``.
    ///
    /// - Parameters:
    ///   - dy: rows × hidden.
    ///   - x: the forward pass's input.
    ///   - gain: 1 × hidden.
    ///   - statistics: 1 × rows, from the forward pass.
    ///   - dx: rows × hidden; overwritten, or added to with `accumulate`; may be `dy` unless
    ///     accumulating.
    ///   - accumulate: whether the gradient is added to dx.
    ///   - gainGradient: 1 × hidden; added to; nil if the gain is not trained.
    ///   - workspace: memory for the sums of pieces of rows, which are added in order.
    public func rmsNormBackward(
        _ dy: Matrix, x: Matrix, gain: Matrix, statistics: Matrix, into dx: Matrix,
        accumulate: Bool, gainGradient: Matrix?, workspace: Workspace
    ) {
        rmsNormBackward(
            Heads(dy, count: 1, size: dy.columns), x: Heads(x, count: 1, size: x.columns),
            gain: gain, statistics: statistics, into: Heads(dx, count: 1, size: dx.columns),
            accumulate: accumulate, gainGradient: gainGradient, workspace: workspace)
    }

    /// The backward pass of ``rmsNorm(_:gain:epsilon:into:statistics:)-(Heads,_,_,_,_)``, head by
    /// head.
    ///
    /// - Parameters:
    ///   - dy: the gradient of the result's heads.
    ///   - x: the forward pass's input.
    ///   - gain: 1 × head size.
    ///   - statistics: heads × rows, from the forward pass.
    ///   - dx: overwritten, or added to with `accumulate`; may be `dy` unless accumulating.
    ///   - accumulate: whether the gradient is added to dx.
    ///   - gainGradient: 1 × head size; added to; nil if the gain is not trained.
    ///   - workspace: memory for the sums of pieces of rows, which are added in order.
    public func rmsNormBackward(
        _ dy: Heads, x: Heads, gain: Matrix, statistics: Matrix, into dx: Heads,
        accumulate: Bool = false, gainGradient: Matrix?, workspace: Workspace
    ) {
        precondition(dy.rows == x.rows && dx.rows == x.rows)
        precondition(dy.count == x.count && dx.count == x.count)
        precondition(dy.size == x.size && dx.size == x.size)
        precondition(gain.rows == 1 && gain.columns == x.size)
        precondition(statistics.rows == x.count && statistics.columns == x.rows)
        precondition(gainGradient.map { $0.rows == 1 && $0.columns == x.size } ?? true)
        let mark = workspace.mark
        defer { workspace.release(to: mark) }
        let pieces = (x.rows + Self.normRows - 1) / Self.normRows
        let sums = gainGradient.map { _ in workspace.matrix(rows: pieces, columns: x.size) }
        forEachPiece(of: x.rows, size: Self.normRows) { rows, piece, _ in
            sums?.rows(piece..<piece + 1).fill(0)
            for head in 0..<x.count {
                let (gradient, source, target) = (dy.head(head), x.head(head), dx.head(head))
                swiftlet_rms_norm_backward(
                    gradient.row(rows.lowerBound), gradient.stride, source.row(rows.lowerBound),
                    source.stride, gain.pointer, statistics.row(head) + rows.lowerBound,
                    target.row(rows.lowerBound), target.stride, accumulate ? 1 : 0,
                    sums?.row(piece), rows.count, x.size)
            }
        }
        if let gainGradient, let sums {
            swiftlet_add_column_sums(
                sums.pointer, sums.stride, pieces, x.size, gainGradient.pointer)
        }
    }
}
