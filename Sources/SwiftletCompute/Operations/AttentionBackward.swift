import CSwiftletKernels

extension ComputeContext {
    /// The backward pass of causal self-attention over a packed batch.
    ///
    /// Probabilities are recomputed from the saved log-sum-exp, one block of queries × keys at a
    /// time. With probabilities P, D = rowsum(dy ∘ y) and dS = P ∘ (dy·Vᵀ − D):
    /// dV += Pᵀ·dy, dQ += scale · dS·K, dK += scale · dSᵀ·Q.
    ///
    /// - Parameters:
    ///   - shape: the numbers of heads, their size and the scale.
    ///   - dy: rows × (headCount · headSize).
    ///   - y: the forward pass's result.
    ///   - logSumExp: headCount × rows, from the forward pass.
    ///   - inputs: the batch's queries, keys and values.
    ///   - sequences: the rows of each sequence.
    ///   - gradients: the gradients of `inputs`, of the same shape; overwritten.
    public func attentionBackward(
        _ shape: AttentionShape, dy: Matrix, y: Matrix, logSumExp: Matrix, inputs: QueryKeyValue,
        sequences: [Range<Int>], gradients: QueryKeyValue
    ) {
        precondition(
            inputs.queries.count == shape.headCount && inputs.keys.count == shape.keyValueHeadCount)
        precondition(inputs.queries.size == shape.headSize && dy.rows == inputs.queries.rows)
        let changes = Heads(dy, count: shape.headCount, size: shape.headSize)
        let results = Heads(y, count: shape.headCount, size: shape.headSize)
        // A piece of work is a key head of a sequence with its query heads, so no two threads add to
        // the same gradient.
        threads.forEach(sequences.count * shape.keyValueHeadCount) { index, thread in
            let rows = sequences[index / shape.keyValueHeadCount]
            let keyHead = index % shape.keyValueHeadCount
            let firstHead = keyHead * shape.groupSize
            for head in firstHead..<firstHead + shape.groupSize {
                let own = HeadGradients(
                    queries: gradients.queries.rows(rows).head(head),
                    keys: gradients.keys.rows(rows).head(keyHead),
                    values: gradients.values.rows(rows).head(keyHead))
                own.queries.fill(0)
                if head == firstHead {
                    own.keys.fill(0)
                    own.values.fill(0)
                }
                self.attendBackward(
                    scale: shape.scale, dy: changes.rows(rows).head(head),
                    y: results.rows(rows).head(head),
                    logSumExp: logSumExp.rows(head..<head + 1).columns(rows),
                    queries: inputs.queries.rows(rows).head(head),
                    keys: inputs.keys.rows(rows).head(keyHead),
                    values: inputs.values.rows(rows).head(keyHead), own, thread: thread)
            }
        }
    }

    private struct HeadGradients {
        let queries: Matrix
        let keys: Matrix
        let values: Matrix
    }

    /// The backward pass of one head of one sequence.
    ///
    /// All matrices have the sequence's rows and the head's columns.
    private func attendBackward(
        scale: Float, dy: Matrix, y: Matrix, logSumExp: Matrix, queries: Matrix, keys: Matrix,
        values: Matrix, _ gradients: HeadGradients, thread: Int
    ) {
        let size = AttentionPiece.queries
        // Two blocks of queries × keys, then D of each query of the sequence.
        let scratch = scratchMatrix(
            thread, rows: 1, columns: 2 * size * size + dy.rows)
        let block = { (index: Int, rows: Int, columns: Int) in
            scratch.columns(index * size * size..<index * size * size + rows * columns)
                .reshaped(rows: rows, columns: columns)
        }
        let products = scratch.columns(2 * size * size..<2 * size * size + dy.rows)
        for row in 0..<dy.rows {
            products[0, row] = Self.dot(dy.row(row), y.row(row), dy.columns)
        }
        var firstKey = 0
        while firstKey < keys.rows {
            let keyRows = firstKey..<min(firstKey + size, keys.rows)
            let (k, v) = (keys.rows(keyRows), values.rows(keyRows))
            // Queries before the block's first key see none of its keys.
            var firstQuery = firstKey
            while firstQuery < queries.rows {
                let queryRows = firstQuery..<min(firstQuery + size, queries.rows)
                let (q, dyBlock) = (queries.rows(queryRows), dy.rows(queryRows))
                let p = block(0, queryRows.count, keyRows.count)
                let dp = block(1, queryRows.count, keyRows.count)
                Self.gemm(
                    q, transposed: false, k, transposed: true, into: p, accumulate: false,
                    scale: scale)
                for row in 0..<queryRows.count {
                    let visible = min(max(firstQuery + row - firstKey + 1, 0), keyRows.count)
                    let line = p.row(row)
                    _ = swiftlet_exp_sum(line, logSumExp[0, firstQuery + row], line, visible)
                    (line + visible).update(repeating: 0, count: keyRows.count - visible)
                }
                Self.gemm(
                    p, transposed: true, dyBlock, transposed: false,
                    into: gradients.values.rows(keyRows), accumulate: true)
                Self.gemm(
                    dyBlock, transposed: false, v, transposed: true, into: dp, accumulate: false)
                for row in 0..<queryRows.count {
                    let (probability, change) = (p.row(row), dp.row(row))
                    let product = products[0, firstQuery + row]
                    for column in 0..<keyRows.count {
                        change[column] = probability[column] * (change[column] - product)
                    }
                }
                Self.gemm(
                    dp, transposed: false, k, transposed: false,
                    into: gradients.queries.rows(queryRows), accumulate: true, scale: scale)
                Self.gemm(
                    dp, transposed: true, q, transposed: false,
                    into: gradients.keys.rows(keyRows), accumulate: true, scale: scale)
                firstQuery = queryRows.upperBound
            }
            firstKey = keyRows.upperBound
        }
    }

    private static func dot(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int
    ) -> Float {
        var sum: Float = 0
        for index in 0..<count { sum += a[index] * b[index] }
        return sum
    }
}
