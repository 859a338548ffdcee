import CSwiftletKernels
import RealModule

extension ComputeContext {
    /// Causal softmax attention over a packed batch.
    ///
    /// Keys are read block by block with a running maximum and sum (Milakov, Gimelshein 2018; Dao
    /// and others 2022), so no matrix of queries × keys is formed.
    ///
    /// - Parameters:
    ///   - shape: the numbers of heads, their size and the scale.
    ///   - queries: the batch's query heads.
    ///   - sequences: the batch's sequences with their keys; the query at position p sees keys 0…p.
    ///   - y: rows × (headCount · headSize); overwritten in the sequences' rows.
    ///   - logSumExp: headCount × rows; receives log Σ exp(scale · q·k) for the backward pass.
    public func attention(
        _ shape: AttentionShape, queries: Heads, sequences: [AttentionSequence], into y: Matrix,
        logSumExp: Matrix?
    ) {
        precondition(queries.count == shape.headCount && queries.size == shape.headSize)
        precondition(
            y.rows == queries.rows && y.columns == shape.headCount * shape.headSize)
        precondition(
            logSumExp.map { $0.rows == shape.headCount && $0.columns == queries.rows } ?? true)
        let results = Heads(y, count: shape.headCount, size: shape.headSize)
        let pieces = AttentionPiece.cut(sequences, shape, queries)
        threads.forEach(pieces.count) { index, thread in
            let piece = pieces[index]
            let sequence = sequences[piece.sequence]
            let first = sequence.firstPosition + piece.rows.lowerBound - sequence.queries.lowerBound
            if piece.isGroup {
                let heads = piece.head * shape.groupSize..<(piece.head + 1) * shape.groupSize
                self.attend(
                    queries.rows(piece.rows).asRows(heads), scale: shape.scale,
                    keyHead: piece.head, sequence, positions: { _ in first },
                    into: results.rows(piece.rows).asRows(heads), thread: thread
                ) { row, logSum in
                    logSumExp?[heads.lowerBound + row, piece.rows.lowerBound] = logSum
                }
            } else {
                self.attend(
                    queries.rows(piece.rows).head(piece.head), scale: shape.scale,
                    keyHead: piece.head / shape.groupSize, sequence, positions: { first + $0 },
                    into: results.rows(piece.rows).head(piece.head), thread: thread
                ) { row, logSum in logSumExp?[piece.head, piece.rows.lowerBound + row] = logSum }
            }
        }
    }

    /// Attention of some queries to all the keys of one head that they see.
    ///
    /// - Parameters:
    ///   - q: queries × headSize.
    ///   - scale: the factor of the products.
    ///   - keyHead: the head of keys and values.
    ///   - sequence: the keys and values.
    ///   - positions: the position of each query, ascending.
    ///   - target: queries × headSize; overwritten.
    ///   - thread: the thread whose scratch memory is used.
    ///   - keep: receives log Σ exp(scale · q·k) of each query.
    private func attend(
        _ q: Matrix, scale: Float, keyHead: Int, _ sequence: AttentionSequence,
        positions: (Int) -> Int, into target: Matrix, thread: Int,
        keep: (_ row: Int, _ logSum: Float) -> Void
    ) {
        // The scores of one block, queries × keys, followed by each query's maximum and sum.
        let width = AttentionPiece.keys + 2
        let wide = sequence.scratchCount
        let memory = scratchMatrix(thread, rows: 1, columns: q.rows * width + 2 * wide)
        let scratch = memory.columns(0..<q.rows * width).reshaped(rows: q.rows, columns: width)
        let widened = memory.columns(q.rows * width..<q.rows * width + 2 * wide)
        let maxima = scratch.columns(AttentionPiece.keys..<AttentionPiece.keys + 1)
        let sums = scratch.columns(AttentionPiece.keys + 1..<AttentionPiece.keys + 2)
        maxima.fill(-.infinity)
        sums.fill(0)
        target.fill(0)
        sequence.forEachKeyBlock(
            of: keyHead, until: positions(q.rows - 1) + 1, scratch: widened
        ) { k, v, position in
            let scores = scratch.columns(0..<k.rows)
            Self.multiply(q, byRowsOf: k, scale: scale, into: scores)
            for row in 0..<q.rows {
                // A query sees the block's keys up to its own position.
                let visible = min(max(positions(row) - position + 1, 0), k.rows)
                let line = scores.row(row)
                if visible > 0 {
                    let maximum = max(maxima[row, 0], swiftlet_max(line, visible))
                    let factor = Self.exponential(maxima[row, 0] - maximum)
                    let sum = swiftlet_exp_sum(line, maximum, line, visible)
                    maxima[row, 0] = maximum
                    sums[row, 0] = sums[row, 0] * factor + sum
                    if factor != 1 { swiftlet_scale(factor, target.row(row), target.columns) }
                }
                (line + visible).update(repeating: 0, count: k.rows - visible)
            }
            Self.multiply(scores, v, addingTo: target)
        }
        for row in 0..<q.rows {
            swiftlet_scale(1 / sums[row, 0], target.row(row), target.columns)
            keep(row, maxima[row, 0] + Self.logarithm(sums[row, 0]))
        }
    }

    /// scores = scale · q · keysᵀ, on the calling thread.
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

    /// target += weights · values, on the calling thread.
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

    /// exp of one number, bit-identical to the kernels' vector form.
    static func exponential(_ x: Float) -> Float {
        var (input, output) = (x, Float(0))
        return swiftlet_exp_sum(&input, 0, &output, 1)
    }

    /// The natural logarithm of one number.
    static func logarithm(_ x: Float) -> Float { Float(Double.log(Double(x))) }
}

/// A piece of an attention's work.
///
/// As a rule it is a block of queries of one sequence and head. Where a sequence has a single query,
/// it is the query heads that share a key head, so that the keys are read once.
struct AttentionPiece {
    let sequence: Int
    let rows: Range<Int>
    /// The query head; for a group, the key and value head.
    let head: Int
    let isGroup: Bool

    /// Queries per block.
    static let queries = 64
    /// Keys per block.
    static let keys = 128

    static func cut(
        _ sequences: [AttentionSequence], _ shape: AttentionShape, _ queries: Heads
    ) -> [AttentionPiece] {
        var pieces: [AttentionPiece] = []
        for (index, sequence) in sequences.enumerated() {
            let isGroup = sequence.queries.count == 1
            var first = sequence.queries.lowerBound
            while first < sequence.queries.upperBound {
                let rows = first..<min(first + Self.queries, sequence.queries.upperBound)
                for head in 0..<(isGroup ? shape.keyValueHeadCount : shape.headCount) {
                    pieces.append(
                        AttentionPiece(sequence: index, rows: rows, head: head, isGroup: isGroup))
                }
                first = rows.upperBound
            }
        }
        return pieces
    }
}

extension AttentionSequence {
    /// Elements of scratch memory that ``forEachKeyBlock(of:until:scratch:_:)`` needs for the keys,
    /// and again for the values.
    var scratchCount: Int {
        runs.map { $0.keys.scratchCount(rows: min($0.keys.rows, AttentionPiece.keys)) }.max() ?? 0
    }

    /// Calls `body` with the keys and values of one head at positions 0..<end in order, at most
    /// ``AttentionPiece/keys`` of them at a time.
    ///
    /// - Parameters:
    ///   - head: the head of keys and values.
    ///   - end: the first position not visited.
    ///   - scratch: 1 × (2 · ``scratchCount``).
    ///   - body: receives keys and values, block × headSize, and the position of the first.
    func forEachKeyBlock(
        of head: Int, until end: Int, scratch: Matrix,
        _ body: (_ keys: Matrix, _ values: Matrix, _ position: Int) -> Void
    ) {
        let (left, right) = (
            scratch.columns(0..<scratch.columns / 2),
            scratch.columns(scratch.columns / 2..<scratch.columns)
        )
        var start = 0
        for run in runs where start < end {
            var offset = 0
            while offset < run.keys.rows, start + offset < end {
                let next = min(offset + AttentionPiece.keys, run.keys.rows, end - start)
                body(
                    run.keys.head(head, rows: offset..<next, scratch: left),
                    run.values.head(head, rows: offset..<next, scratch: right), start + offset)
                offset = next
            }
            start += run.keys.rows
        }
    }
}
