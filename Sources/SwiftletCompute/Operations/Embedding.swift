import CSwiftletKernels

extension ComputeContext {
    /// Rows of tables, summed: y[r] = tokens[ids[r]] + positions[places[r]].
    ///
    /// - Parameters:
    ///   - ids: one row index of `tokens` for each row of y, checked by the caller.
    ///   - tokens: vocabulary × hidden (out×in).
    ///   - places: one row index of `positions` for each row of y.
    ///   - positions: context × hidden (out×in); nil adds nothing.
    ///   - y: rows × hidden; overwritten.
    public func embed(
        _ ids: [Int32], tokens: Weight, places: [Int32], positions: Weight?, into y: Matrix
    ) {
        precondition(tokens.order == .outIn && y.columns == tokens.inSize && ids.count == y.rows)
        precondition(
            positions.map { $0.order == .outIn && $0.inSize == y.columns } ?? true
                && (positions == nil || places.count == ids.count))
        precondition(ids.allSatisfy { $0 >= 0 && Int($0) < tokens.outSize }, "no such token")
        if let positions {
            precondition(
                places.allSatisfy { $0 >= 0 && Int($0) < positions.outSize }, "no such position")
        }
        forEachPiece(of: ids.count, size: 64) { rows, _, thread in
            let scratch = self.scratchMatrix(thread, rows: 1, columns: y.columns)
            for row in rows {
                tokens.widen(
                    row: Int(ids[row]), column: 0, count: y.columns, into: y.row(row))
                guard let positions else { continue }
                positions.widen(
                    row: Int(places[row]), column: 0, count: y.columns, into: scratch.pointer)
                swiftlet_add(y.row(row), scratch.pointer, y.row(row), y.columns)
            }
        }
    }

    /// The gradient of a table: gradient[indexes[r]] += dy[r], rows in order.
    ///
    /// - Parameters:
    ///   - dy: rows × hidden.
    ///   - indexes: one row index of the table for each row of dy.
    ///   - gradient: like the table; added to.
    ///   - fixed: a row that is not trained; nil for none.
    public func embedBackward(
        _ dy: Matrix, _ indexes: [Int32], addingTo gradient: Matrix, fixed: Int? = nil
    ) {
        precondition(dy.rows == indexes.count && gradient.columns == dy.columns)
        precondition(indexes.allSatisfy { $0 >= 0 && Int($0) < gradient.rows }, "no such row")
        // By columns, so that two rows with one index never meet on two threads.
        forEachPiece(of: dy.columns, size: 64) { columns, _, _ in
            for row in 0..<dy.rows where fixed != Int(indexes[row]) {
                swiftlet_axpy(
                    1, dy.row(row) + columns.lowerBound,
                    gradient.row(Int(indexes[row])) + columns.lowerBound, columns.count)
            }
        }
    }
}
