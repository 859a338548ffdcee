import CSwiftletKernels

extension ComputeContext {
    /// Looks up token and position embeddings: y[r] = tokens[ids[r]] + positions[places[r]].
    ///
    /// - Parameters:
    ///   - ids: a row index of `tokens` for each row of y, checked by the caller.
    ///   - tokens: vocabulary × hidden, in the order ``Weight/Order/outIn``.
    ///   - places: a row index of `positions` for each row of y; ignored without `positions`.
    ///   - positions: context × hidden, in the order ``Weight/Order/outIn``; nil adds nothing.
    ///   - y: rows × hidden; overwritten.
    public func embed(
        _ ids: [Int32], tokens: Weight, places: [Int32], positions: Weight?, into y: Matrix
    ) {
        precondition(tokens.order == .outIn && y.columns == tokens.inSize && ids.count == y.rows)
        precondition(
            positions.map { $0.order == .outIn && $0.inSize == y.columns } ?? true
                && (positions == nil || places.count == ids.count))
        precondition(
            ids.allSatisfy { $0 >= 0 && Int($0) < tokens.outSize }, "a token is out of range")
        if let positions {
            precondition(
                places.allSatisfy { $0 >= 0 && Int($0) < positions.outSize },
                "a position is out of range")
        }
        forEachPiece(of: ids.count, size: 64) { rows, _, thread in
            let scratch = self.scratchMatrix(thread, rows: 1, columns: y.columns)
            for row in rows {
                tokens.lookUp(row: Int(ids[row]), into: y.row(row))
                guard let positions else { continue }
                positions.lookUp(row: Int(places[row]), into: scratch.pointer)
                swiftlet_add(y.row(row), scratch.pointer, y.row(row), y.columns)
            }
        }
    }

    /// The gradient of an embedding table: gradient[indexes[r]] += dy[r], rows in order.
    ///
    /// - Parameters:
    ///   - dy: rows × hidden.
    ///   - indexes: a row index of the table for each row of dy.
    ///   - gradient: the gradient of the table, of the same shape; added to.
    ///   - fixed: the index of a row that is not trained, if any.
    public func embedBackward(
        _ dy: Matrix, _ indexes: [Int32], addingTo gradient: Matrix, fixed: Int? = nil
    ) {
        precondition(dy.rows == indexes.count && gradient.columns == dy.columns)
        precondition(
            indexes.allSatisfy { $0 >= 0 && Int($0) < gradient.rows }, "an index is out of range")
        // Pieces are columns, so rows with the same index are never added on two threads.
        forEachPiece(of: dy.columns, size: 64) { columns, _, _ in
            for row in 0..<dy.rows where fixed != Int(indexes[row]) {
                swiftlet_axpy(
                    1, dy.row(row) + columns.lowerBound,
                    gradient.row(Int(indexes[row])) + columns.lowerBound, columns.count)
            }
        }
    }
}
