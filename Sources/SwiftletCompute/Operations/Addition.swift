import CSwiftletKernels

extension ComputeContext {
    /// y += x, element by element.
    ///
    /// - Parameters:
    ///   - x: rows × columns.
    ///   - y: like x.
    public func add(_ x: Matrix, to y: Matrix) {
        precondition(x.rows == y.rows && x.columns == y.columns)
        forEachPiece(of: x.rows, size: 16) { rows, _, _ in
            for row in rows { swiftlet_add(y.row(row), x.row(row), y.row(row), x.columns) }
        }
    }
}
