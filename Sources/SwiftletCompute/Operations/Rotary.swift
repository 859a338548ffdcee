import CSwiftletKernels

extension ComputeContext {
    /// Rotary position embedding (Su et al. 2021) in place, in the form of transformers'
    /// `apply_rotary_pos_emb`: element i of a head's first d = 2 · cosines.columns is paired with
    /// element i + d / 2, and (a, b) becomes (a cos − b sin, b cos + a sin).
    ///
    /// - Parameters:
    ///   - heads: queries or keys; elements past the first d of each head stay.
    ///   - cosines: rows × d / 2, one row for each row of `heads`.
    ///   - sines: like `cosines`.
    ///   - inverse: turns back, by sines of the other sign: the backward pass, from the result's
    ///     gradient to the input's.
    public func rotate(_ heads: Heads, cosines: Matrix, sines: Matrix, inverse: Bool = false) {
        precondition(cosines.rows == heads.rows && sines.rows == heads.rows)
        precondition(cosines.columns == sines.columns && 2 * cosines.columns <= heads.size)
        forEachPiece(of: heads.rows, size: 16) { rows, _, _ in
            for row in rows {
                swiftlet_rotate(
                    heads.matrix.row(row), heads.stride, heads.count, cosines.row(row),
                    sines.row(row), cosines.columns, inverse ? 1 : 0)
            }
        }
    }
}
