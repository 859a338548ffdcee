import CSwiftletKernels

extension ComputeContext {
    /// Elements per piece of an operation that treats each element by itself.
    static var elementsPerPiece: Int { 1 << 14 }

    /// y += x, element by element.
    ///
    /// - Parameters:
    ///   - x: rows × columns.
    ///   - y: rows × columns; added to.
    public func add(_ x: Matrix, to y: Matrix) {
        precondition(x.rows == y.rows && x.columns == y.columns)
        forEachPiece(of: x.rows, size: 16) { rows, _, _ in
            for row in rows { swiftlet_add(y.row(row), x.row(row), y.row(row), x.columns) }
        }
    }

    /// Sets the elements of a contiguous matrix to zero, on all threads.
    public func clear(_ x: Matrix) {
        precondition(x.isContiguous)
        forEachPiece(of: x.count, size: 1 << 18) { range, _, _ in
            (x.pointer + range.lowerBound).update(repeating: 0, count: range.count)
        }
    }

    /// Multiplies all heads of each row by the row's factor, in place.
    ///
    /// The operation is its own backward pass.
    ///
    /// - Parameters:
    ///   - heads: heads of any number of rows.
    ///   - factors: one factor per row.
    public func scaleRows(_ heads: Heads, factors: [Float]) {
        precondition(factors.count == heads.rows)
        forEachPiece(of: heads.rows, size: 16) { rows, _, _ in
            for row in rows {
                for head in 0..<heads.count {
                    swiftlet_scale(
                        factors[row], heads.matrix.row(row) + head * heads.stride, heads.size)
                }
            }
        }
    }
}
