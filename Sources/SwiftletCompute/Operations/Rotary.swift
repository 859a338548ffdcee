import CSwiftletKernels

extension ComputeContext {
    /// Applies rotary position embedding (Su et al.
    ///
    /// 2021) in place, in the form of transformers' `apply_rotary_pos_emb`.
    ///
    /// Of the first d = 2 · cosines.columns elements of each head, element i is paired with element
    /// i + d / 2, and the pair (a, b) becomes (a cos − b sin, b cos + a sin).
    ///
    /// - Parameters:
    ///   - heads: queries or keys; the elements of each head after the first d are unchanged.
    ///   - cosines: rows × d / 2, one row for each row of `heads`.
    ///   - sines: rows × d / 2.
    ///   - inverse: whether to rotate in the opposite direction, which is the backward pass.
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
