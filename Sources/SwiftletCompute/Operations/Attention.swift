import CSwiftletKernels

extension ComputeContext {
    /// Causal softmax attention over a packed batch, without a matrix of queries × keys: keys are
    /// met a block at a time with a running maximum and sum (Milakov, Gimelshein 2018; Dao and
    /// others 2022).
    ///
    /// - Parameters:
    ///   - shape: the heads.
    ///   - queries: rows × (headCount · headSize).
    ///   - sequences: who sees what; the query at position p sees keys 0…p.
    ///   - y: rows × (headCount · headSize); overwritten in the sequences' rows.
    ///   - logSums: headCount × rows; log Σ exp(scale · q·k) for the backward pass.
    public func attention(
        _ shape: AttentionShape, queries: Matrix, sequences: [AttentionSequence], into y: Matrix,
        logSums: Matrix?
    ) {
        precondition(queries.columns == shape.headCount * shape.headSize)
        precondition(y.rows == queries.rows && y.columns == queries.columns)
        precondition(
            logSums.map { $0.rows == shape.headCount && $0.columns == queries.rows } ?? true)
        let pieces = AttentionPiece.cut(sequences)
        threads.forEach(pieces.count * shape.headCount) { index, thread in
            let piece = pieces[index / shape.headCount]
            let head = index % shape.headCount
            self.attend(
                shape, head: head, queries: queries, sequences[piece.sequence], rows: piece.rows,
                into: y, logSums: logSums, thread: thread)
        }
    }

    /// One block of queries of one head against all its keys.
    private func attend(
        _ shape: AttentionShape, head: Int, queries: Matrix, _ sequence: AttentionSequence,
        rows: Range<Int>, into y: Matrix, logSums: Matrix?, thread: Int
    ) {
        let q = queries.rows(rows).columns(shape.queryColumns(head))
        let target = y.rows(rows).columns(shape.queryColumns(head))
        let keyColumns = shape.keyColumns(forQueryHead: head)
        // Scores of queries × keys of one block; then a maximum and a sum for each query.
        let scratch = scratchMatrix(
            thread, rows: rows.count, columns: AttentionPiece.keys + 2)
        let maxima = scratch.columns(AttentionPiece.keys..<AttentionPiece.keys + 1)
        let sums = scratch.columns(AttentionPiece.keys + 1..<AttentionPiece.keys + 2)
        maxima.fill(-.infinity)
        sums.fill(0)
        target.fill(0)
        let first = sequence.firstPosition + rows.lowerBound - sequence.queries.lowerBound
        sequence.forEachKeyBlock(until: first + rows.count) { keys, values, position in
            let k = keys.columns(keyColumns)
            let scores = scratch.columns(0..<k.rows)
            Self.multiply(q, byRowsOf: k, scale: shape.scale, into: scores)
            for row in 0..<rows.count {
                // The query at first + row sees the block's keys up to its own position.
                let visible = min(max(first + row - position + 1, 0), k.rows)
                let line = scores.row(row)
                if visible > 0 {
                    let maximum = max(maxima[row, 0], swiftlet_max(line, visible))
                    let factor = Self.exponential(maxima[row, 0] - maximum)
                    let sum = swiftlet_exp_sum(line, maximum, line, visible)
                    maxima[row, 0] = maximum
                    sums[row, 0] = sums[row, 0] * factor + sum
                    if factor != 1 { swiftlet_scale(factor, target.row(row), shape.headSize) }
                }
                (line + visible).update(repeating: 0, count: k.rows - visible)
            }
            Self.multiply(scores, values.columns(keyColumns), addingTo: target)
        }
        for row in 0..<rows.count {
            swiftlet_scale(1 / sums[row, 0], target.row(row), shape.headSize)
            if let logSums {
                logSums[head, rows.lowerBound + row] =
                    maxima[row, 0] + Self.logarithm(sums[row, 0])
            }
        }
    }

    /// scores = scale · q · keysᵀ on the calling thread.
    static func multiply(_ q: Matrix, byRowsOf keys: Matrix, scale: Float, into scores: Matrix) {
        guard q.rows <= fewRows else {
            gemm(
                q, transposed: false, keys, transposed: true, into: scores, accumulate: false,
                scale: scale)
            return
        }
        swiftlet_product_out_in(
            SWIFTLET_F32, keys.pointer, keys.stride, q.pointer, q.stride, nil, scores.pointer,
            scores.stride, q.rows, keys.rows, q.columns, 0)
        for row in 0..<q.rows { swiftlet_scale(scale, scores.row(row), scores.columns) }
    }

    /// target += weights · values on the calling thread.
    static func multiply(_ weights: Matrix, _ values: Matrix, addingTo target: Matrix) {
        guard weights.rows <= fewRows else {
            gemm(
                weights, transposed: false, values, transposed: false, into: target,
                accumulate: true)
            return
        }
        swiftlet_product_in_out(
            SWIFTLET_F32, values.pointer, values.stride, weights.pointer, weights.stride, nil,
            target.pointer, target.stride, weights.rows, values.columns, values.rows, 1)
    }

    /// exp of one number, with the kernels' own bits.
    static func exponential(_ x: Float) -> Float {
        var (input, output) = (x, Float(0))
        return swiftlet_exp_sum(&input, 0, &output, 1)
    }

    /// The natural logarithm of one number.
    static func logarithm(_ x: Float) -> Float { Float(Double(x).naturalLogarithm) }
}

/// A block of queries of one sequence: the unit of work, for each head.
struct AttentionPiece {
    let sequence: Int
    let rows: Range<Int>

    /// Queries in one block.
    static let queries = 64
    /// Keys in one block.
    static let keys = 128

    static func cut(_ sequences: [AttentionSequence]) -> [AttentionPiece] {
        var pieces: [AttentionPiece] = []
        for (index, sequence) in sequences.enumerated() {
            var first = sequence.queries.lowerBound
            while first < sequence.queries.upperBound {
                let end = min(first + queries, sequence.queries.upperBound)
                pieces.append(AttentionPiece(sequence: index, rows: first..<end))
                first = end
            }
        }
        return pieces
    }
}

extension AttentionSequence {
    /// Calls `body` with the keys and values of positions 0..<end, in order, at most
    /// ``AttentionPiece/keys`` at a time.
    func forEachKeyBlock(
        until end: Int, _ body: (_ keys: Matrix, _ values: Matrix, _ position: Int) -> Void
    ) {
        var start = 0
        for run in runs {
            var offset = 0
            while offset < run.keys.rows, start + offset < end {
                let next = min(offset + AttentionPiece.keys, run.keys.rows, end - start)
                body(
                    run.keys.rows(offset..<next), run.values.rows(offset..<next), start + offset)
                offset = next
            }
            start += run.keys.rows
        }
    }
}
